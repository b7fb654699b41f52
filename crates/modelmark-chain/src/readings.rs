//! Readings of licences: what somebody who read a licence says it permits and demands, in seven bits, once and for good.

use alloy::primitives::Address;
use serde::ser::{Serialize, SerializeSeq as _, Serializer};

use crate::bindings::LicenseTerms as abi;
use crate::gate::conflict_reason;
use crate::{Call, Chain, ChainError, Contract, License};

/// What a licence permits, demands and keeps, by the names of the bits in their order.
pub const LICENSE_FLAGS: [&str; 7] =
    ["commercial", "derivatives", "redistribution", "attribution", "share-alike", "use-restricted", "revocable"];
/// How many of [`LICENSE_FLAGS`] say what a licence permits; those that follow say what it demands.
pub const LICENSE_PERMITS: usize = 3;
/// How many say what it demands; what is left says what its giver keeps.
pub const LICENSE_DEMANDS: usize = 3;

/// What a licence permits, demands and keeps. As JSON a list of names.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LicenseReading(u16);

impl LicenseReading {
    /// Returns the reading that has these of [`LICENSE_FLAGS`]; `None` when one of them is none.
    #[must_use]
    pub fn named<'a>(names: impl IntoIterator<Item = &'a str>) -> Option<Self> {
        names.into_iter().try_fold(Self::default(), |flags, name| {
            let bit = LICENSE_FLAGS.iter().position(|flag| *flag == name)?;
            Some(Self(flags.0 | 1 << bit))
        })
    }

    /// Returns the names of what the reading has.
    #[must_use]
    pub fn names(self) -> Vec<&'static str> {
        (0..).zip(LICENSE_FLAGS).filter(|(bit, _)| self.0 >> bit & 1 == 1).map(|(_, name)| name).collect()
    }

    /// Returns the call by which the sender says that this is what a licence says.
    #[must_use]
    pub fn state(self, license: &License) -> Call {
        let call = abi::readCall { licenses: vec![license.digest()], flags: vec![self.0] };
        Call::new("state the reading of the licence", Contract::LicenseTerms.interface(), Contract::LicenseTerms.address(), &call)
    }
}

impl Serialize for LicenseReading {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let names = self.names();
        let mut list = serializer.serialize_seq(Some(names.len()))?;
        names.iter().try_for_each(|name| list.serialize_element(name))?;
        list.end()
    }
}

/// Returns how a reader reads a licence; `None` when they did not say.
///
/// # Errors
/// The endpoint cannot be asked or answers nonsense, or the contract is not on this chain.
pub async fn license_reading(chain: &Chain, reader: Address, license: &License) -> Result<Option<LicenseReading>, ChainError> {
    let call = abi::readingOfCall { reader, license: license.digest() };
    let told = chain.view_of(Contract::LicenseTerms, call, &chain.block().await?).await?;
    Ok(told.known.then_some(LicenseReading(told.flags)))
}

/// Returns why, by a reader's reading, a model under `child` may not come from one under `parent`; `None` when nothing stands against it.
///
/// # Errors
/// As [`license_reading`].
pub async fn license_conflict(
    chain: &Chain,
    reader: Address,
    parent: &License,
    child: &License,
) -> Result<Option<&'static str>, ChainError> {
    let call = abi::conflictOfCall { reader, parent: parent.digest(), child: child.digest() };
    let answer = chain.view_of(Contract::LicenseTerms, call, &chain.block().await?).await?;
    let reason = conflict_reason(answer).ok_or_else(|| chain.nonsense("conflictOf", "a number that stands for no conflict"))?;
    Ok((answer != 0).then_some(reason))
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a reading that is not read back is a failed test")]
    use super::*;

    #[test]
    fn flags_have_names() {
        for bits in 0..1 << LICENSE_FLAGS.len() {
            let reading = LicenseReading(bits);
            assert_eq!(LicenseReading::named(reading.names()).unwrap(), reading);
        }
        assert_eq!(LicenseReading::named(["derivatives", "share-alike"]).unwrap(), LicenseReading(0b1_0010));
        assert_eq!(LicenseReading::named(["stealing"]), None);
    }
}
