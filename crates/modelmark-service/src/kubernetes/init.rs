//! The init container that brings or verifies a model before anything else of the pod runs. It is held, field by field, against what it has to be: what is not
//! known to be harmless is refused, also what Kubernetes will only come up with.

use serde_json::Value;

use super::code::{AdmissionCode, Refusal, shown};
use super::rules::Rules;
use super::shape::{self, Found, Object};

/// How the names of init containers begin that verify; the name of the volume follows. No other container may be called so.
pub const INIT_PREFIX: &str = "modelmark-";
/// Where init containers mount volumes, each under its name.
pub const MODELS: &str = "/models";

/// Where Kubernetes mounts the token of a service account into every container.
const SERVICE_ACCOUNT: &str = "/var/run/secrets/kubernetes.io/serviceaccount";
/// Where Kubernetes mounts a file for last words by default. Elsewhere it would cover what is there, such as a policy.
const LAST_WORDS: &str = "/dev/termination-log";
/// Fields that change nothing of what is verified.
const HARMLESS: &[&str] = &["name", "image", "imagePullPolicy", "resources", "securityContext", "terminationMessagePolicy"];

/// How the model gets into its volume.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Way {
    /// The init container fetches it into an empty volume.
    Fetch,
    /// It is there, and the init container verifies it.
    Verify,
}

/// A declared model: where it lies, and what it is.
pub(super) struct Model<'a> {
    pub(super) volume: &'a str,
    pub(super) token: String,
    pub(super) way: Way,
}

impl Model<'_> {
    /// Returns the name of its init container.
    pub(super) fn container(&self) -> String {
        format!("{INIT_PREFIX}{}", self.volume)
    }

    fn mount(&self) -> String {
        format!("{MODELS}/{}", self.volume)
    }

    fn arguments(&self, rules: &Rules) -> Vec<String> {
        let own = match self.way {
            // The place where a volume is mounted is there already, and `fetch` makes what it fills.
            Way::Fetch => vec!["fetch".to_owned(), self.token.clone(), format!("{}/model", self.mount())],
            Way::Verify => vec!["verify".to_owned(), self.mount(), "--token".to_owned(), self.token.clone()],
        };
        own.into_iter().chain(rules.arguments().iter().cloned()).collect()
    }
}

/// Holds an init container against what it has to be.
pub(super) fn check(container: &Object, model: &Model<'_>, rules: &Rules, refusals: &mut Vec<Refusal>) -> Found<()> {
    let name = model.container();
    let mut refuse = |code, message: String| refusals.push(Refusal::new(code, format!("the init container `{name}` {message}")));
    for (field, value) in container.iter().filter(|(field, value)| !HARMLESS.contains(&field.as_str()) && !shape::empty(value)) {
        match field.as_str() {
            "args" => {
                let wanted = model.arguments(rules);
                if *value != Value::from(wanted.clone()) {
                    refuse(AdmissionCode::InitArguments, format!("has to have the arguments {wanted:?}"));
                }
            }
            "command" => refuse(AdmissionCode::InitCommand, "has a command, and may only have arguments".to_owned()),
            "env" | "envFrom" => refuse(AdmissionCode::InitEnvironment, format!("has `{field}`, with which modelmark could be misled")),
            "restartPolicy" | "restartPolicyRules" => refuse(AdmissionCode::InitRestart, format!("has a `{field}`, and has to run once")),
            "volumeMounts" => {}
            "terminationMessagePath" if value == LAST_WORDS => {}
            _ => refuse(AdmissionCode::InitField, format!("has {}, which it does not need", shown(field))),
        }
    }
    if shape::list(container, "args")?.is_empty() {
        refuse(AdmissionCode::InitArguments, format!("has to have the arguments {:?}", model.arguments(rules)));
    }
    let image = shape::text(container, "image")?;
    if !rules.images().iter().any(|pinned| pinned == image) {
        refuse(AdmissionCode::InitImage, format!("has the image {}, and has to have {}", shown(image), rules.images().join(" or ")));
    }
    if let Some(why) = mounts(&shape::objects(container, "volumeMounts")?, model)? {
        refuse(AdmissionCode::InitMount, why);
    }
    Ok(())
}

/// Says what is wrong with the mounts.
fn mounts(mounts: &[&Object], model: &Model<'_>) -> Found<Option<String>> {
    let mut own = 0;
    for mount in mounts {
        let (volume, path) = (shape::text(mount, "name")?, shape::text(mount, "mountPath")?);
        let read_only = shape::flag(mount, "readOnly")?;
        let plain = mount.iter().all(|(field, value)| match field.as_str() {
            "name" | "mountPath" | "readOnly" => true,
            "mountPropagation" => shape::empty(value) || value == "None",
            _ => shape::empty(value),
        });
        if volume == model.volume && path == model.mount() && plain && read_only == (model.way == Way::Verify) {
            own += 1;
        } else if !(path == SERVICE_ACCOUNT && plain && read_only && volume != model.volume) {
            return Ok(Some(format!("mounts {} at {}, which is more than the volume whole", shown(volume), shown(path))));
        }
    }
    let how = if model.way == Way::Verify { "`readOnly: true`" } else { "to write to it" };
    Ok((own != 1).then(|| format!("has to mount {} at `{}`, {how}", shown(model.volume), model.mount())))
}
