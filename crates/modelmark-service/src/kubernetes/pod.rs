//! A pod, or the template of pods, held against the rules.

use super::code::{AdmissionCode, Refusal, shown};
use super::declaration::{ANNOTATION, Declared, declared};
use super::init::{INIT_PREFIX, Model};
use super::rules::Rules;
use super::shape::{self, Found, Object};
use super::{containers, init, volumes};

/// Looks at a pod: `pod` has `metadata` and `spec`. Returns what it declares, and adds what speaks against it.
pub(super) fn check(pod: &Object, rules: &Rules, refusals: &mut Vec<Refusal>) -> Found<Declared> {
    let spec = shape::needed(pod, "spec")?;
    let declared = shape::part(pod, "metadata")?.map(declared).transpose()?.unwrap_or_default();
    let volumes = shape::objects(spec, "volumes")?;
    volumes::others(&volumes, &declared, rules.require(), refusals)?;
    if declared.is_empty() {
        return undeclared(spec, refusals).map(|()| declared);
    }
    host(spec, refusals)?;
    let mut models = Vec::new();
    for (volume, token) in &declared {
        match volumes::way(&volumes, volume) {
            Ok(way) => models.push(Model { volume, token: token.to_string(), way }),
            Err(refusal) => refusals.push(refusal),
        }
    }
    let starting = shape::objects(spec, "initContainers")?;
    inits(&starting, &models, declared.len(), rules, refusals)?;
    let ours = |container: &Object| {
        let name = container.get("name").and_then(|name| name.as_str()).and_then(|name| name.strip_prefix(INIT_PREFIX));
        name.is_some_and(|volume| declared.contains_key(volume))
    };
    for container in starting {
        containers::rights(container, refusals)?;
        if !ours(container) {
            containers::check(container, &declared, refusals)?;
        }
    }
    for key in ["containers", "ephemeralContainers"] {
        for container in shape::objects(spec, key)? {
            containers::rights(container, refusals)?;
            containers::check(container, &declared, refusals)?;
        }
    }
    Ok(declared)
}

/// An init container of ours is a declaration that was forgotten, or taken off where nobody is asked: who may write the status of pods may do that.
fn undeclared(spec: &Object, refusals: &mut Vec<Refusal>) -> Found<()> {
    for container in shape::objects(spec, "initContainers")? {
        let name = shape::text(container, "name")?;
        if name.starts_with(INIT_PREFIX) {
            let message = format!("there is an init container {}, and `{ANNOTATION}` declares no model", shown(name));
            refusals.push(Refusal::new(AdmissionCode::ContainerName, message));
        }
    }
    Ok(())
}

/// The init containers of the models have to be the first ones.
fn inits(starting: &[&Object], models: &[Model<'_>], first: usize, rules: &Rules, refusals: &mut Vec<Refusal>) -> Found<()> {
    for model in models {
        let name = model.container();
        let mut places = Vec::new();
        for (place, container) in starting.iter().enumerate() {
            if shape::text(container, "name")? == name {
                places.push((place, *container));
            }
        }
        let [(place, container)] = places.as_slice() else {
            refusals.push(Refusal::new(AdmissionCode::InitMissing, format!("there has to be one init container `{name}`")));
            continue;
        };
        if *place >= first {
            let message = format!("the init container `{name}` has to run before all others");
            refusals.push(Refusal::new(AdmissionCode::InitOrder, message));
        }
        init::check(container, model, rules, refusals)?;
    }
    Ok(())
}

/// The pod must not see more of the node, or its containers of each other, than is usual.
fn host(spec: &Object, refusals: &mut Vec<Refusal>) -> Found<()> {
    for field in ["hostPID", "shareProcessNamespace"] {
        if shape::flag(spec, field)? {
            let message = format!("with `{field}` a container can write where another one can");
            refusals.push(Refusal::new(AdmissionCode::PodHost, message));
        }
    }
    let context = shape::part(spec, "securityContext")?;
    if context.map(containers::host_process).transpose()?.unwrap_or_default() {
        refusals.push(Refusal::new(AdmissionCode::PodPrivileged, "the pod runs on the node"));
    }
    Ok(())
}
