//! Reading the parameters of a method, one after the other.

use alloy::primitives::U64;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::error::RpcError;

/// The parameters not read yet.
#[derive(Debug)]
pub(crate) struct Params {
    values: std::vec::IntoIter<Value>,
    read: usize,
}

impl Params {
    /// Takes the `params` member of a request; only positional parameters are known to Ethereum.
    pub(crate) fn new(params: Value) -> Result<Self, RpcError> {
        let values = match params {
            Value::Null => Vec::new(),
            Value::Array(values) => values,
            _ => return Err(RpcError::params("non-array args")),
        };
        Ok(Self { values: values.into_iter(), read: 0 })
    }

    /// Reads the next parameter, which must be there.
    pub(crate) fn required<T: DeserializeOwned>(&mut self) -> Result<T, RpcError> {
        self.optional()?.ok_or_else(|| RpcError::params(format!("missing value for required argument {}", self.read - 1)))
    }

    /// Reads the next parameter; missing and `null` are the same.
    pub(crate) fn optional<T: DeserializeOwned>(&mut self) -> Result<Option<T>, RpcError> {
        let position = self.read;
        self.read += 1;
        match self.values.next() {
            None | Some(Value::Null) => Ok(None),
            Some(value) => {
                serde_json::from_value(value).map(Some).map_err(|error| RpcError::params(format!("invalid argument {position}: {error}")))
            }
        }
    }

    /// Refuses parameters that the method does not know.
    pub(crate) fn finish(self) -> Result<(), RpcError> {
        let read = self.read;
        match self.values.len() {
            0 => Ok(()),
            _ => Err(RpcError::params(format!("too many arguments, want at most {read}"))),
        }
    }
}

/// Reads a number that clients send plain, as a hex quantity or as a decimal string.
pub(super) fn plain_number(value: &Value) -> Result<u64, RpcError> {
    let number = match value {
        Value::Number(number) => number.as_u64(),
        Value::String(text) => text.parse::<U64>().ok().map(|number| number.to()),
        _ => None,
    };
    number.ok_or_else(|| RpcError::params("a number is wanted"))
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may panic")]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn positions_are_named() {
        let mut params = Params::new(json!(["0x1", null, 7])).unwrap();
        assert_eq!(params.required::<String>().unwrap(), "0x1");
        assert_eq!(params.required::<String>().unwrap_err().message, "missing value for required argument 1");
        assert!(params.required::<String>().unwrap_err().message.starts_with("invalid argument 2"));
        params.finish().unwrap();
    }

    #[test]
    fn numbers_are_read_in_every_form() {
        for form in [json!(16), json!("0x10"), json!("16")] {
            assert_eq!(plain_number(&form).unwrap(), 16);
        }
        for form in [json!(-1), json!(1.5), json!("x"), json!([]), json!("0x10000000000000000")] {
            assert!(plain_number(&form).is_err(), "{form}");
        }
    }

    #[test]
    fn surplus_and_names_are_refused() {
        assert_eq!(Params::new(json!([1])).unwrap().finish().unwrap_err().code, -32602);
        assert_eq!(Params::new(json!({"a": 1})).unwrap_err().code, -32602);
        Params::new(Value::Null).unwrap().finish().unwrap();
    }
}
