//! The protobuf wire format, as far as dag-pb and UnixFS use it: varints and length-delimited fields.

/// Appends `value` as a base-128 varint.
pub(super) fn put_varint(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push((value & 0x7f) as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

/// Returns how many bytes the varint of `value` has.
pub(super) fn varint_len(value: u64) -> u64 {
    u64::from((u64::BITS - value.leading_zeros()).div_ceil(7).max(1))
}

/// Appends a varint field.
pub(super) fn put_number(out: &mut Vec<u8>, field: u8, value: u64) {
    out.push(field << 3);
    put_varint(out, value);
}

/// Appends a length-delimited field.
pub(super) fn put_bytes(out: &mut Vec<u8>, field: u8, bytes: &[u8]) {
    out.push(field << 3 | 2);
    put_varint(out, bytes.len() as u64);
    out.extend_from_slice(bytes);
}

/// One field as it stands in a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Field<'a> {
    /// Field number and value.
    Number(u8, u64),
    /// Field number and content.
    Bytes(u8, &'a [u8]),
}

/// Reads fields one after another; `None` stands for a fault.
pub(super) struct Fields<'a>(pub(super) &'a [u8]);

impl<'a> Iterator for Fields<'a> {
    type Item = Option<Field<'a>>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.0.is_empty() {
            return None;
        }
        let field = self.field();
        if field.is_none() {
            self.0 = &[];
        }
        Some(field)
    }
}

impl<'a> Fields<'a> {
    fn field(&mut self) -> Option<Field<'a>> {
        // The field numbers in use are all below 16, so that every tag is one byte.
        let (&tag, rest) = self.0.split_first()?;
        self.0 = rest;
        match (tag >> 3, tag & 7) {
            (number, 0) => Some(Field::Number(number, self.varint()?)),
            (number, 2) => {
                let length = usize::try_from(self.varint()?).ok()?;
                let (bytes, rest) = self.0.split_at_checked(length)?;
                self.0 = rest;
                Some(Field::Bytes(number, bytes))
            }
            _ => None,
        }
    }

    fn varint(&mut self) -> Option<u64> {
        let mut value = 0_u64;
        for shift in (0..64).step_by(7) {
            let (&byte, rest) = self.0.split_first()?;
            self.0 = rest;
            let bits = u64::from(byte & 0x7f);
            // The tenth byte has room for one bit only.
            if shift == 63 && bits > 1 {
                return None;
            }
            value |= bits << shift;
            if byte < 0x80 {
                return Some(value);
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn varints_keep_their_value_at_every_width() {
        for bits in 0..64 {
            for value in [1_u64 << bits, (1 << bits) - 1, u64::MAX >> bits] {
                let mut out = Vec::new();
                put_number(&mut out, 3, value);
                assert_eq!(out.len() as u64, 1 + varint_len(value));
                assert_eq!(Fields(&out).collect::<Vec<_>>(), [Some(Field::Number(3, value))]);
            }
        }
    }

    #[test]
    fn endless_and_cut_fields_are_faults() {
        for bad in [
            &[0x08][..],
            &[0x08, 0x80],
            &[0x08, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x02],
            &[0x0a, 5, 1],
            &[0x0d, 0, 0, 0, 0],
        ] {
            assert!(Fields(bad).any(|field| field.is_none()), "{bad:?}");
        }
    }
}
