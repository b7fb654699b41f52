//! What the containers of a pod with models may not have, our own included.

use super::code::{AdmissionCode, Refusal, shown};
use super::declaration::Declared;
use super::init::INIT_PREFIX;
use super::shape::{self, Found, Object};

/// Capabilities that every container may have by the Pod Security Standards ("baseline"). With others a read-only mount can be made writable.
const CAPABILITIES: &[&str] = &[
    "AUDIT_WRITE",
    "CHOWN",
    "DAC_OVERRIDE",
    "FOWNER",
    "FSETID",
    "KILL",
    "MKNOD",
    "NET_BIND_SERVICE",
    "SETFCAP",
    "SETGID",
    "SETPCAP",
    "SETUID",
    "SYS_CHROOT",
];

/// The field that says where a container's file for last words is mounted; no volume can be called so, which has no capitals.
const LAST_WORDS: &str = "terminationMessagePath";

/// Looks at a container that is not ours.
pub(super) fn check(container: &Object, declared: &Declared, refusals: &mut Vec<Refusal>) -> Found<()> {
    let name = shape::text(container, "name")?;
    if name.starts_with(INIT_PREFIX) {
        let message = format!(
            "the container {} has a name that begins with `{INIT_PREFIX}`, as those of init containers of declared volumes do",
            shown(name)
        );
        refusals.push(Refusal::new(AdmissionCode::ContainerName, message));
    }
    if shape::text(container, "targetContainerName")?.starts_with(INIT_PREFIX) {
        let message = format!("the ephemeral container {} would look into an init container that verifies", shown(name));
        refusals.push(Refusal::new(AdmissionCode::EphemeralTarget, message));
    }
    for mount in shape::objects(container, "volumeMounts")? {
        mounted(name, mount, declared, refusals)?;
    }
    covered(name, container, declared, refusals)?;
    for device in shape::objects(container, "volumeDevices")? {
        let volume = shape::text(device, "name")?;
        if declared.contains_key(volume) {
            let message = format!("the container {} has the volume {} as a block device", shown(name), shown(volume));
            refusals.push(Refusal::new(AdmissionCode::MountDevice, message));
        }
    }
    Ok(())
}

fn mounted(name: &str, mount: &Object, declared: &Declared, refusals: &mut Vec<Refusal>) -> Found<()> {
    let volume = shape::text(mount, "name")?;
    if !declared.contains_key(volume) {
        return Ok(());
    }
    let mut refuse = |code, what: &str| {
        refusals.push(Refusal::new(code, format!("the container {} mounts the volume {} {what}", shown(name), shown(volume))));
    };
    if !shape::flag(mount, "readOnly")? {
        refuse(AdmissionCode::MountWritable, "without `readOnly: true`");
    }
    if !shape::text(mount, "subPath")?.is_empty() || !shape::text(mount, "subPathExpr")?.is_empty() {
        refuse(AdmissionCode::MountSubPath, "in part");
    }
    if !matches!(shape::text(mount, "mountPropagation")?, "" | "None") {
        refuse(AdmissionCode::MountPropagation, "with `mountPropagation`");
    }
    Ok(())
}

/// Files that were verified must not lie under others.
fn covered(name: &str, container: &Object, declared: &Declared, refusals: &mut Vec<Refusal>) -> Found<()> {
    let mut places = Vec::new();
    for (list, path) in [("volumeMounts", "mountPath"), ("volumeDevices", "devicePath")] {
        for entry in shape::objects(container, list)? {
            places.push((shape::text(entry, "name")?, steps(shape::text(entry, path)?)));
        }
    }
    // Kubernetes mounts a file there that the container writes.
    let last_words = steps(shape::text(container, LAST_WORDS)?);
    if !last_words.is_empty() {
        places.push((LAST_WORDS, last_words));
    }
    for (index, (volume, place)) in places.iter().enumerate().filter(|(_, (volume, _))| declared.contains_key(*volume)) {
        // The volume itself too: its files would lie where others of them were verified.
        for (_, (other, over)) in places.iter().enumerate().filter(|(at, (_, over))| *at != index && over.starts_with(place)) {
            let message = format!(
                "the container {} has {} at /{}, in the volume {}",
                shown(name),
                shown(other),
                shown(&over.join("/")),
                shown(volume)
            );
            refusals.push(Refusal::new(AdmissionCode::MountCovered, message));
        }
    }
    Ok(())
}

/// Takes a path apart, whatever it is spelled like.
fn steps(path: &str) -> Vec<&str> {
    let mut steps = Vec::new();
    for step in path.split(['/', '\\']) {
        match step {
            "" | "." => {}
            ".." => drop(steps.pop()),
            step => steps.push(step),
        }
    }
    steps
}

/// Looks at the rights of any container.
pub(super) fn rights(container: &Object, refusals: &mut Vec<Refusal>) -> Found<()> {
    let Some(context) = shape::part(container, "securityContext")? else { return Ok(()) };
    let name = shape::text(container, "name")?;
    let mut refuse = |what: &str| {
        refusals.push(Refusal::new(AdmissionCode::PodPrivileged, format!("the container {} {what}", shown(name))));
    };
    if shape::flag(context, "privileged")? {
        refuse("is privileged");
    }
    if host_process(context)? {
        refuse("runs on the node");
    }
    if !matches!(shape::text(context, "procMount")?, "" | "Default") {
        refuse("has another `procMount`");
    }
    let Some(capabilities) = shape::part(context, "capabilities")? else { return Ok(()) };
    for capability in shape::list(capabilities, "add")? {
        let capability = capability.as_str().unwrap_or("?");
        let short = capability.strip_prefix("CAP_").unwrap_or(capability);
        if !CAPABILITIES.contains(&short) {
            refuse(&format!("has the capability {}", shown(capability)));
        }
    }
    Ok(())
}

/// Tells whether containers run as processes of a Windows node.
pub(super) fn host_process(context: &Object) -> Found<bool> {
    Ok(shape::part(context, "windowsOptions")?.map(|options| shape::flag(options, "hostProcess")).transpose()?.unwrap_or_default())
}
