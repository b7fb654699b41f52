//! A mount namespace of its own for this process: what is mounted in it is seen by nobody else.
#![expect(unsafe_code, reason = "leaving a namespace and working in a forked child are unsafe calls; why each is sound stands beside it")]

use std::io;
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Command, Stdio};

use rustix::io::Errno;
use rustix::mount::{MountFlags, MountPropagationFlags, mount, mount_change};
use rustix::process::{getegid, geteuid};
use rustix::thread::{UnshareFlags, unshare_unsafe};

/// What the child of [`probe`] ends with when all went well: it never becomes another program, so that it can only end with an error.
const ALLOWED: Errno = Errno::CANCELED;

/// Finds out in a child process whether [`enter`] and a mount on `point` would be allowed: a process that was let into half of it could not go back.
pub(super) fn probe(point: &Path) -> io::Result<()> {
    let point = point.to_owned();
    let mut child = Command::new("/proc/self/exe");
    child.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let attempt = move || {
        enter()?;
        mount("modelmark", &point, "tmpfs", MountFlags::NOSUID | MountFlags::NODEV, None)?;
        Err(ALLOWED.into())
    };
    // SAFETY: The closure allocates and opens files, which a forked child may do as long as no other thread of its parent could hold a lock: nothing before
    // this starts one.
    unsafe { child.pre_exec(attempt) };
    match child.spawn() {
        Err(error) if error.raw_os_error() == Some(ALLOWED.raw_os_error()) => Ok(()),
        Err(error) => Err(error),
        Ok(mut started) => started.kill().and_then(|()| started.wait()).and(Err(io::Error::from(io::ErrorKind::Unsupported))),
    }
}

/// Leaves the mount namespace for a copy of it; where only that gives the right to, in a user namespace in which the user is who they were.
pub(super) fn enter() -> io::Result<()> {
    let (user, group) = (geteuid().as_raw(), getegid().as_raw());
    match unshare(UnshareFlags::NEWNS) {
        Err(Errno::PERM) => {
            unshare(UnshareFlags::NEWUSER | UnshareFlags::NEWNS)?;
            std::fs::write("/proc/self/setgroups", "deny")?;
            std::fs::write("/proc/self/uid_map", format!("{user} {user} 1"))?;
            std::fs::write("/proc/self/gid_map", format!("{group} {group} 1"))?;
        }
        done => done?,
    }
    // What is mounted outside from now on would otherwise appear inside, over the model.
    mount_change("/", MountPropagationFlags::REC | MountPropagationFlags::PRIVATE)?;
    Ok(())
}

fn unshare(what: UnshareFlags) -> Result<(), Errno> {
    // SAFETY: What is unsound is to part threads from the table of descriptors that they share; that table stays.
    unsafe { unshare_unsafe(what) }
}
