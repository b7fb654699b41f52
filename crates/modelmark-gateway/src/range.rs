//! Parts of a file: `Range` of HTTP, and `entity-bytes`, its twin for streams of blocks.

use modelmark_storage::car::Scope;

use crate::refusal::Refusal;

/// What a `Range` header asks of a file of some size.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ranged {
    /// Everything: there is no such header, or one that is to be ignored.
    Whole,
    /// From the first byte to before the second.
    Part(u64, u64),
    /// Nothing that the file has.
    Outside,
}

/// Reads a `Range` header; of several ranges the first is given, as the specification lets a gateway do.
pub(crate) fn ranged(header: Option<&str>, size: u64) -> Ranged {
    let Some(ranges) = header.and_then(|header| header.trim().strip_prefix("bytes=")) else { return Ranged::Whole };
    let first = ranges.split(',').next().unwrap_or_default().trim();
    let Some((from, to)) = first.split_once('-') else { return Ranged::Whole };
    let number = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().unwrap_or(u64::MAX));
    match (from, to) {
        ("", "") => Ranged::Whole,
        ("", last) => match number(last) {
            None => Ranged::Whole,
            Some(0) => Ranged::Outside,
            Some(_) if size == 0 => Ranged::Outside,
            Some(last) => Ranged::Part(size.saturating_sub(last), size),
        },
        (from, to) => {
            let (Some(from), Some(to)) = (number(from), if to.is_empty() { Some(u64::MAX) } else { number(to) }) else {
                return Ranged::Whole;
            };
            match (from > to, from >= size) {
                (true, _) => Ranged::Whole,
                (_, true) => Ranged::Outside,
                _ => Ranged::Part(from, to.saturating_add(1).min(size)),
            }
        }
    }
}

/// What `entity-bytes` asks for: two positions, negative ones counted from the end, the second none for the end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct EntityBytes {
    from: i64,
    to: Option<i64>,
}

impl EntityBytes {
    pub(crate) fn parse(text: &str) -> Result<Self, Refusal> {
        let bad = || Refusal::bad(format!("entity-bytes is from:to, such as 0:1023 or -1024:*, not {text:?}"));
        let (from, to) = text.split_once(':').ok_or_else(bad)?;
        let from = from.parse().map_err(|_| bad())?;
        let to = if to == "*" { None } else { Some(to.parse().map_err(|_| bad())?) };
        Ok(Self { from, to })
    }

    /// Returns what that is of a file of `size` bytes.
    pub(crate) fn scope(self, size: u64) -> Result<Scope, Refusal> {
        let from = u64::try_from(self.from).unwrap_or_else(|_| size.saturating_sub(self.from.unsigned_abs()));
        let last = size.checked_sub(1);
        let to = match self.to {
            None => last,
            Some(to) => u64::try_from(to).ok().or_else(|| size.checked_sub(to.unsigned_abs())),
        };
        match (last, to) {
            (Some(last), _) if from > last => Err(Refusal::bad(format!("entity-bytes begins at byte {from} of an entity of {size} bytes"))),
            (Some(last), Some(to)) if from <= to => Ok(Scope::Bytes(from, to.min(last))),
            // Nothing lies between the two: the root tells the client why.
            _ => Ok(Scope::Block),
        }
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed parse is a failed test")]
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn ranges_are_those_of_rfc_9110() {
        for (header, expected) in [
            ("bytes=6-16", Ranged::Part(6, 17)),
            ("bytes=6-", Ranged::Part(6, 31)),
            ("bytes=-3", Ranged::Part(28, 31)),
            ("bytes=-99", Ranged::Part(0, 31)),
            ("bytes=0-99999999999999999999999", Ranged::Part(0, 31)),
            ("bytes=30-30, 0-1", Ranged::Part(30, 31)),
            ("bytes=31-", Ranged::Outside),
            ("bytes=-0", Ranged::Outside),
            ("bytes=99999999999999999999-", Ranged::Outside),
            ("bytes=16-6", Ranged::Whole),
            ("bytes=x-6", Ranged::Whole),
            ("bytes=-", Ranged::Whole),
            ("bytes=+1-2", Ranged::Whole),
            ("lines=1-2", Ranged::Whole),
        ] {
            assert_eq!(ranged(Some(header), 31), expected, "{header}");
        }
        assert_eq!(ranged(None, 31), Ranged::Whole);
        assert_eq!(ranged(Some("bytes=0-"), 0), Ranged::Outside);
        assert_eq!(ranged(Some("bytes=-1"), 0), Ranged::Outside);
    }

    #[test]
    fn entity_bytes_are_those_of_the_specification() {
        let scope = |text| EntityBytes::parse(text).unwrap().scope(1026).map_err(|refusal| refusal.status.as_u16());
        assert_eq!(scope("0:*"), Ok(Scope::Bytes(0, 1025)));
        assert_eq!(scope("512:1023"), Ok(Scope::Bytes(512, 1023)));
        assert_eq!(scope("512:-256"), Ok(Scope::Bytes(512, 770)));
        assert_eq!(scope("-5:*"), Ok(Scope::Bytes(1021, 1025)));
        assert_eq!(scope("-9999:*"), Ok(Scope::Bytes(0, 1025)));
        assert_eq!(scope("-9999:-3"), Ok(Scope::Bytes(0, 1023)));
        assert_eq!(scope("0:9999"), Ok(Scope::Bytes(0, 1025)));
        assert_eq!(scope("5:4"), Ok(Scope::Block));
        assert_eq!(scope("0:-9999"), Ok(Scope::Block));
        assert_eq!(scope("1026:*"), Err(400));
        assert_eq!(EntityBytes::parse("0:*").unwrap().scope(0).unwrap(), Scope::Block);
        for bad in ["", "1", "*:1", "a:b", "1:2:3", "1:99999999999999999999"] {
            assert!(EntityBytes::parse(bad).is_err(), "{bad}");
        }
    }

    proptest! {
        #[test]
        fn what_is_asked_for_lies_in_the_file(header in "bytes=[0-9]{0,5}-[0-9]{0,5}", from: i64, to in proptest::option::of(any::<i64>()), size in 0_u64..2_000) {
            if let Ranged::Part(from, to) = ranged(Some(&header), size) {
                prop_assert!(from < to && to <= size);
            }
            if let Ok(Scope::Bytes(from, to)) = (EntityBytes { from, to }).scope(size) {
                prop_assert!(from <= to && to < size);
            }
        }
    }
}
