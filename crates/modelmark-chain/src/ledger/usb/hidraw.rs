//! The kernel's raw HID files, of which a Ledger has one for each of its interfaces.
//!
//! Reads from such a file wait for as long as it takes, so they are made on a thread, whose answers are waited for no longer than the deadline.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::Duration;

use super::super::apdu::Command;
use super::super::{LedgerError, Wire};
use super::packets;

/// USB's number for Ledger, as the kernel writes it.
const VENDOR: &str = "00002C97";
/// How the report descriptor of the interface for commands begins: with its usage page. The others are for security keys.
const COMMANDS: [u8; 3] = [0x06, 0xa0, 0xff];
/// The most hidraw files that are looked at.
const MAX_FILES: usize = 256;

struct HidWire {
    commands: Sender<Vec<u8>>,
    answers: Receiver<io::Result<Vec<u8>>>,
}

/// Opens the first Ledger that the kernel below `root` has.
pub(super) fn open(root: &Path) -> Result<Box<dyn Wire>, LedgerError> {
    let path = find(root).ok_or(LedgerError::NotFound)?;
    let device = OpenOptions::new().read(true).write(true).open(&path).map_err(|error| {
        let hint = if error.kind() == io::ErrorKind::PermissionDenied { " (install Ledger's udev rules)" } else { "" };
        unreachable(&format!("cannot open {}: {error}{hint}", path.display()))
    })?;
    let (commands, asked) = channel::<Vec<u8>>();
    let (answer, answers) = channel();
    let serve = move || {
        let mut device = device;
        while let Ok(command) = asked.recv() {
            if answer.send(exchange(&mut device, &command)).is_err() {
                return;
            }
        }
    };
    std::thread::Builder::new().spawn(serve).map_err(|error| unreachable(&format!("no thread to ask on: {error}")))?;
    Ok(Box::new(HidWire { commands, answers }))
}

/// Looks for the interface for commands of a Ledger.
fn find(root: &Path) -> Option<PathBuf> {
    let mut files: Vec<_> =
        fs::read_dir(root.join("sys/class/hidraw")).ok()?.take(MAX_FILES).flatten().map(|entry| entry.file_name()).collect();
    files.sort();
    let is_ledger = |name: &std::ffi::OsString| {
        let device = root.join("sys/class/hidraw").join(name).join("device");
        let text = fs::read_to_string(device.join("uevent")).unwrap_or_default();
        let vendor = text.lines().find_map(|line| line.strip_prefix("HID_ID=")).and_then(|id| id.split(':').nth(1));
        vendor == Some(VENDOR) && fs::read(device.join("report_descriptor")).is_ok_and(|descriptor| descriptor.starts_with(&COMMANDS))
    };
    files.into_iter().find(is_ledger).map(|name| root.join("dev").join(name))
}

fn exchange(device: &mut File, command: &[u8]) -> io::Result<Vec<u8>> {
    packets::send(device, command)?;
    packets::receive(device)
}

impl Wire for HidWire {
    fn exchange(&mut self, command: &Command, deadline: Duration) -> Result<Vec<u8>, LedgerError> {
        self.commands.send(command.encoded()).map_err(|_| unreachable("it was disconnected"))?;
        match self.answers.recv_timeout(deadline) {
            Ok(answer) => answer.map_err(|error| unreachable(&error.to_string())),
            Err(RecvTimeoutError::Timeout) => Err(unreachable(&format!("no answer within {deadline:?}"))),
            Err(RecvTimeoutError::Disconnected) => Err(unreachable("it was disconnected")),
        }
    }
}

fn unreachable(reason: &str) -> LedgerError {
    LedgerError::Link { link: "USB".to_owned(), reason: reason.to_owned() }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a folder that cannot be made is a failed test")]
    use super::*;

    fn interface(root: &Path, name: &str, id: &str, descriptor: &[u8]) {
        let device = root.join("sys/class/hidraw").join(name).join("device");
        fs::create_dir_all(&device).unwrap();
        fs::write(device.join("uevent"), format!("DRIVER=hid-generic\nHID_ID={id}\nHID_NAME=x\n")).unwrap();
        fs::write(device.join("report_descriptor"), descriptor).unwrap();
    }

    #[test]
    fn the_interface_for_commands_of_a_ledger_is_found() {
        let root = tempfile::tempdir().unwrap();
        assert!(find(root.path()).is_none(), "no hidraw at all");
        interface(root.path(), "hidraw0", "0003:0000046D:0000C52B", &[0x06, 0xa0, 0xff]);
        interface(root.path(), "hidraw1", "0003:00002C97:00005015", &[0x06, 0xd0, 0xf1, 9]);
        assert!(find(root.path()).is_none() && matches!(open(root.path()), Err(LedgerError::NotFound)));
        interface(root.path(), "hidraw2", "0003:00002C97:00005015", &[0x06, 0xa0, 0xff, 9]);
        assert_eq!(find(root.path()), Some(root.path().join("dev/hidraw2")));
        let error = open(root.path()).err().unwrap().to_string();
        assert!(error.contains("cannot open") && error.contains("hidraw2"), "{error}");
    }
}
