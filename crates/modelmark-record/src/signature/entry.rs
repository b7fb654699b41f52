//! One signature over a record, and what it takes to accept it.

use alloy_primitives::{B256, Signature, U256, uint};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::value::{Account, Signer};
use crate::{CanonicalRecord, SignatureBytes, SignatureError, SigningRequest};

/// Half the order of secp256k1, rounded down: the largest s that is accepted (EIP-2).
const HALF_ORDER: U256 = uint!(0x7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0_U256);

/// How a signature was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Scheme {
    /// secp256k1 over EIP-712 typed data: 65 bytes r ‖ s ‖ v that anybody can check.
    Eip712,
    /// What a contract wallet accepts over EIP-712 typed data of its chain. Only that chain can tell; ERC-6492 wraps one of a wallet that is not there yet.
    Erc1271,
}

/// A signature that claims to be somebody's whom the record names; [`check`](Self::check) decides.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RecordSignature {
    /// How it was made.
    pub scheme: Scheme,
    /// Who made it: of a key the account as in the record, of a contract wallet the one on its chain.
    pub signer: Signer,
    /// The signature.
    pub signature: SignatureBytes,
}

/// What is known about a signature without a chain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Proof {
    /// It holds.
    Holds,
    /// It holds if a contract wallet says so.
    Asks(WalletQuestion),
}

/// "Do you accept this signature over this digest?", as ERC-1271 asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WalletQuestion {
    /// The wallet, and the chain that has it.
    pub wallet: Signer,
    /// What was signed.
    pub digest: B256,
    /// The signature.
    pub signature: SignatureBytes,
}

impl RecordSignature {
    /// Takes what a key's signer returned for [`SigningRequest::signing_hash`]; recovery bytes 0 and 1 and a high s, which some devices return, are put
    /// right.
    ///
    /// # Errors
    ///
    /// Refuses a signature that is not the account's.
    pub fn new(request: &SigningRequest, bytes: [u8; 65]) -> Result<Self, SignatureError> {
        let signature = Signature::from_raw_array(&bytes).map_err(|_| SignatureError::NoKey)?.normalized_s();
        let signer = Account::from(request.account()).into();
        let signed = Self { scheme: Scheme::Eip712, signer, signature: signature.as_bytes().into() };
        signed.check_key(request)?;
        Ok(signed)
    }

    /// Takes what a contract wallet's owners signed for [`SigningRequest::on_chain`]; nobody but the wallet can tell whether it is good.
    #[must_use]
    pub const fn of_wallet(wallet: Signer, signature: SignatureBytes) -> Self {
        Self { scheme: Scheme::Erc1271, signer: wallet, signature }
    }

    /// Checks that somebody whom the record names signed exactly what is theirs to sign.
    ///
    /// # Errors
    ///
    /// Says what is wrong with the signature.
    pub fn check(&self, record: &CanonicalRecord) -> Result<Proof, SignatureError> {
        let (signer, creator) = (self.signer.address(), record.record().provenance.creator.account.address());
        let request = SigningRequest::of(record, signer).ok_or(SignatureError::NotNamed { signer, creator })?;
        match self.scheme {
            Scheme::Eip712 => self.check_key(&request).map(|()| Proof::Holds),
            Scheme::Erc1271 => Ok(Proof::Asks(self.question_of(request))),
        }
    }

    /// Returns what a contract wallet would have to be asked; nothing for a key's signature, or one of somebody whom the record does not name.
    #[must_use]
    pub fn question(&self, record: &CanonicalRecord) -> Option<WalletQuestion> {
        match self.scheme {
            Scheme::Eip712 => None,
            Scheme::Erc1271 => SigningRequest::of(record, self.signer.address()).map(|request| self.question_of(request)),
        }
    }

    fn question_of(&self, request: SigningRequest) -> WalletQuestion {
        let digest = request.on_chain(self.signer.chain()).signing_hash();
        WalletQuestion { wallet: self.signer.clone(), digest, signature: self.signature.clone() }
    }

    fn check_key(&self, request: &SigningRequest) -> Result<(), SignatureError> {
        let signer = request.account();
        if self.signer != Account::from(signer).into() {
            return Err(SignatureError::KeyOnChain(self.signer.clone()));
        }
        let bytes: &[u8; 65] = self.signature.as_bytes().try_into().map_err(|_| SignatureError::Length(self.signature.as_bytes().len()))?;
        let [.., v] = *bytes;
        if !matches!(v, 27 | 28) {
            return Err(SignatureError::RecoveryByte(v));
        }
        let signature = Signature::from_raw_array(bytes).map_err(|_| SignatureError::NoKey)?;
        if signature.s() > HALF_ORDER {
            return Err(SignatureError::HighS);
        }
        let recovered = signature.recover_address_from_prehash(&request.signing_hash()).map_err(|_| SignatureError::NoKey)?;
        if recovered == signer { Ok(()) } else { Err(SignatureError::WrongSigner { signer, recovered }) }
    }
}
