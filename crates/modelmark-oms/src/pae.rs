//! What a DSSE signature is over: the payload and its type, so that no two of them give the same bytes.

/// Returns the pre-authentication encoding of DSSE v1: `DSSEv1 <length of type> <type> <length of payload> <payload>`.
///
/// ```
/// use modelmark_oms::pre_authentication_encoding;
/// // The example of the DSSE specification.
/// let bytes = pre_authentication_encoding("http://example.com/HelloWorld", b"hello world");
/// assert_eq!(bytes, b"DSSEv1 29 http://example.com/HelloWorld 11 hello world");
/// ```
#[must_use]
pub fn pre_authentication_encoding(payload_type: &str, payload: &[u8]) -> Vec<u8> {
    let mut bytes = format!("DSSEv1 {} {payload_type} {} ", payload_type.len(), payload.len()).into_bytes();
    bytes.extend_from_slice(payload);
    bytes
}
