//! Where a model may lie: in what only our init container wrote, or in what the pod can only read.

use super::code::{AdmissionCode, Refusal, shown};
use super::declaration::Declared;
use super::init::Way;
use super::rules::by_digest;
use super::shape::{self, Found, Object};

/// Volumes that carry nothing but what Kubernetes itself, or the pod, puts in.
const HARMLESS: &[&str] = &["emptyDir", "configMap", "secret", "downwardAPI", "projected"];

/// Finds out how the init container of a declared volume has to work.
pub(super) fn way(volumes: &[&Object], name: &str) -> Found<Way> {
    let named = |volume: &&&Object| volume.get("name").and_then(|have| have.as_str()) == Some(name);
    let mut found = volumes.iter().filter(named);
    let (Some(volume), None) = (found.next(), found.next()) else {
        return Err(Refusal::new(AdmissionCode::VolumeMissing, format!("the pod has no volume {}, or several", shown(name))));
    };
    let (kind, source) = source(volume)?;
    let writable = || Refusal::new(AdmissionCode::VolumeWritable, format!("the volume {} is not `readOnly: true`", shown(name)));
    match kind {
        "emptyDir" => Ok(Way::Fetch),
        "persistentVolumeClaim" | "csi" if shape::flag(source, "readOnly")? => {
            alone(volumes, source, name)?;
            Ok(Way::Verify)
        }
        "persistentVolumeClaim" | "csi" => Err(writable()),
        "image" if by_digest(shape::text(source, "reference")?) => Ok(Way::Verify),
        "image" => {
            Err(Refusal::new(AdmissionCode::VolumeTag, format!("the image of the volume {} is not named by `@sha256:…`", shown(name))))
        }
        other => {
            let message = format!(
                "the volume {} is a {}: use emptyDir, or a claim, CSI volume or image that is read-only",
                shown(name),
                shown(other)
            );
            Err(Refusal::new(AdmissionCode::VolumeType, message))
        }
    }
}

/// The same storage under another name could be written to.
fn alone(volumes: &[&Object], source: &Object, name: &str) -> Found<()> {
    let (claim, driver) = (shape::text(source, "claimName")?, shape::text(source, "driver")?);
    for volume in volumes {
        let other = shape::text(volume, "name")?;
        if other == name {
            continue;
        }
        let same_claim = !claim.is_empty()
            && shape::part(volume, "persistentVolumeClaim")?.is_some_and(|other| other.get("claimName") == source.get("claimName"));
        // Kubernetes makes a claim for such a volume, and calls it by the pod and the volume. The pod's name may be made up later.
        let made_claim = shape::part(volume, "ephemeral")?.is_some() && claim.strip_suffix(other).is_some_and(|pod| pod.ends_with('-'));
        let csi = shape::part(volume, "csi")?;
        let same_driver =
            csi.map(|csi| Ok(shape::text(csi, "driver")? == driver && !shape::flag(csi, "readOnly")?)).transpose()?.unwrap_or_default();
        if same_claim || made_claim || same_driver {
            let message = format!("what is in the volume {} could be written to by the volume {}", shown(name), shown(other));
            return Err(Refusal::new(AdmissionCode::VolumeWritable, message));
        }
    }
    Ok(())
}

/// Adds what the pod's other volumes may not be.
pub(super) fn others(volumes: &[&Object], declared: &Declared, require: bool, refusals: &mut Vec<Refusal>) -> Found<()> {
    for volume in volumes {
        let name = shape::text(volume, "name")?;
        if declared.contains_key(name) {
            continue;
        }
        let (kind, _) = source(volume)?;
        if kind == "hostPath" && !declared.is_empty() {
            let message = format!("through the volume {} the pod may reach the volumes of every pod on the node", shown(name));
            refusals.push(Refusal::new(AdmissionCode::PodHost, message));
        } else if require && !HARMLESS.contains(&kind) {
            let message = format!("the volume {} is a {}, which can bring a model in, and is not declared", shown(name), shown(kind));
            refusals.push(Refusal::new(AdmissionCode::VolumeUndeclared, message));
        }
    }
    Ok(())
}

/// Returns what kind of volume it is: it has to be exactly one.
fn source(volume: &Object) -> Found<(&str, &Object)> {
    let mut sources = volume.iter().filter(|(key, value)| *key != "name" && !value.is_null());
    match (sources.next(), sources.next()) {
        (Some((kind, source)), None) => Ok((kind, shape::object(source, kind)?)),
        // Kubernetes takes such a volume for an emptyDir, and writes that into it before anybody is asked.
        _ => Err(Refusal::new(AdmissionCode::VolumeType, format!("the volume {} is not of one kind", shown(shape::text(volume, "name")?)))),
    }
}
