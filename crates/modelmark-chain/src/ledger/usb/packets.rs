//! Commands and answers in packets of 64 bytes, as Ledger devices take and give them over HID.
//!
//! Each packet says channel, tag and its number; the first one also how long the whole is. What is left of the last is zeros.

use std::io::{self, Read, Write};

const PACKET: usize = 64;
/// The channel that all clients use, and the tag of commands (APDUs).
const HEAD: [u8; 3] = [0x01, 0x01, 0x05];

/// Sends a command.
pub(super) fn send(device: &mut impl Write, command: &[u8]) -> io::Result<()> {
    let length = u16::try_from(command.len()).map_err(io::Error::other)?;
    let whole = [&length.to_be_bytes(), command].concat();
    for (number, part) in (0_u16..).zip(whole.chunks(PACKET - HEAD.len() - 2)) {
        // The kernel wants the number of the report before the packet; these have none.
        let mut packet = [&[0], HEAD.as_slice(), &number.to_be_bytes(), part].concat();
        packet.resize(PACKET + 1, 0);
        device.write_all(&packet)?;
    }
    Ok(())
}

/// Receives an answer, packet by packet.
pub(super) fn receive(device: &mut impl Read) -> io::Result<Vec<u8>> {
    let mut whole = Vec::new();
    let mut wanted = None;
    for number in 0_u16.. {
        let mut packet = [0; PACKET];
        let count = device.read(&mut packet)?;
        let packet = packet.get(..count).unwrap_or_default();
        let rest = packet.strip_prefix(&HEAD).and_then(|rest| rest.strip_prefix(&number.to_be_bytes()));
        let mut rest =
            rest.ok_or_else(|| io::Error::other(format!("packet {number} of the answer is none: is another program asking, too?")))?;
        let wanted = match wanted {
            Some(wanted) => wanted,
            None => {
                let (length, after) = rest.split_first_chunk().ok_or_else(|| io::Error::other("the answer is cut off"))?;
                rest = after;
                *wanted.insert(usize::from(u16::from_be_bytes(*length)))
            }
        };
        whole.extend_from_slice(rest);
        if whole.len() >= wanted {
            whole.truncate(wanted);
            return Ok(whole);
        }
        if rest.is_empty() {
            break;
        }
    }
    Err(io::Error::other("the answer does not end"))
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a packet that is not there is a failed test")]
    use std::collections::VecDeque;

    use super::*;

    /// Gives one packet a read, as the kernel does.
    struct Packets(VecDeque<Vec<u8>>);

    impl Read for Packets {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            let packet = self.0.pop_front().ok_or(io::ErrorKind::UnexpectedEof)?;
            buffer[..packet.len()].copy_from_slice(&packet);
            Ok(packet.len())
        }
    }

    fn sent(command: &[u8]) -> Vec<Vec<u8>> {
        let mut bytes = Vec::new();
        send(&mut bytes, command).unwrap();
        bytes.chunks(PACKET + 1).map(|report| report[1..].to_vec()).collect()
    }

    #[test]
    fn a_command_is_cut_as_devices_take_it() {
        // GET APP CONFIGURATION, as published recordings of the wire have it.
        let packets = sent(&[0xe0, 0x06, 0, 0, 0]);
        assert_eq!(packets.len(), 1);
        assert_eq!(packets[0][..12], [0x01, 0x01, 0x05, 0, 0, 0, 5, 0xe0, 0x06, 0, 0, 0]);
        assert!(packets[0].len() == PACKET && packets[0][12..].iter().all(|byte| *byte == 0));
    }

    #[test]
    fn what_is_cut_is_put_together_again() {
        for length in [0, 1, 56, 57, 58, 115, 116, 117, 260, 65_535] {
            let whole: Vec<u8> = (0..length).map(|index| u8::try_from(index % 251).unwrap()).collect();
            let packets = sent(&whole);
            assert_eq!(packets.len(), (length + 2_usize).div_ceil(PACKET - 5).max(1));
            assert_eq!(receive(&mut Packets(packets.into())).unwrap(), whole, "{length}");
        }
    }

    #[test]
    fn packets_that_are_none_are_refused() {
        let good = sent(&[7; 100]);
        let with = |place: usize, byte: usize| {
            let mut packets = good.clone();
            packets[place][byte] ^= 1;
            receive(&mut Packets(packets.into()))
        };
        for byte in 0..5 {
            assert!(with(0, byte).is_err() && with(1, byte).is_err(), "{byte}");
        }
        for cut in 0..7 {
            assert!(receive(&mut Packets([good[0][..cut].to_vec()].into())).is_err());
        }
        let endless: VecDeque<_> = [good[0][..7].to_vec(), good[1][..5].to_vec()].into();
        assert!(receive(&mut Packets(endless)).is_err());
    }
}
