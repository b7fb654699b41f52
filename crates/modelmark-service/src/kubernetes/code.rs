//! Why something is not admitted.

use std::fmt;

/// Most characters of a stranger's text in a message.
const MAX_SHOWN: usize = 120;

macro_rules! codes {
    ($($(#[doc = $doc:literal])+ $variant:ident = $text:literal,)+) => {
        /// Why something is not admitted. Public interface: never renamed or given another meaning.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        #[non_exhaustive]
        pub enum AdmissionCode {
            $($(#[doc = $doc])+ $variant,)+
        }

        impl AdmissionCode {
            /// Every code.
            pub const ALL: &[Self] = &[$(Self::$variant,)+];

            /// Returns the code as text.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text,)+ }
            }

            /// Returns what it means, for the reference.
            #[must_use]
            pub fn explanation(self) -> String {
                match self { $(Self::$variant => [$($doc),+].concat(),)+ }.trim().to_owned()
            }
        }
    };
}

codes! {
    /// The object is not of the shape that its kind has, or larger than is looked at.
    ReviewShape = "review.shape",
    /// The webhook was asked about a kind, a version or a subresource that it does not know.
    ReviewKind = "review.kind",
    /// The webhook was asked about something else than CREATE, UPDATE or CONNECT.
    ReviewOperation = "review.operation",
    /// The annotation that declares models cannot be read, stands where no pod has it, or there is another one of `modelmark.dev/`.
    DeclarationMalformed = "declaration.malformed",
    /// A pod that is there already would declare other models than it did.
    DeclarationChanged = "declaration.changed",
    /// A declared volume is not among the pod's volumes.
    VolumeMissing = "volume.missing",
    /// A declared volume is of a type that can change behind the pod's back, such as `hostPath`, or of none that is known.
    VolumeType = "volume.type",
    /// A declared claim or CSI volume is not `readOnly`, or the pod can reach the same storage by another volume.
    VolumeWritable = "volume.writable",
    /// The image of a declared image volume is not named by its digest.
    VolumeTag = "volume.tag",
    /// A volume that can bring a model in is not declared, and the administrator demands that it is.
    VolumeUndeclared = "volume.undeclared",
    /// A container could write to a declared volume.
    MountWritable = "mount.writable",
    /// A container mounts a part of a declared volume (`subPath`, `subPathExpr`).
    MountSubPath = "mount.sub-path",
    /// A container shares its mount of a declared volume with the host.
    MountPropagation = "mount.propagation",
    /// A container uses a declared volume as a block device.
    MountDevice = "mount.device",
    /// A container mounts something else at or below the place of a declared volume, over files that were verified.
    MountCovered = "mount.covered",
    /// There is no init container for a declared volume.
    InitMissing = "init.missing",
    /// Another init container runs before the one for a declared volume.
    InitOrder = "init.order",
    /// The init container has another image than the administrator's, or names it by a tag.
    InitImage = "init.image",
    /// The init container has other arguments than these: the token, and what the administrator pinned.
    InitArguments = "init.arguments",
    /// The init container replaces the image's command.
    InitCommand = "init.command",
    /// The init container has environment variables.
    InitEnvironment = "init.environment",
    /// The init container mounts something else than the declared volume, or elsewhere.
    InitMount = "init.mount",
    /// The init container would go on in the background (`restartPolicy`).
    InitRestart = "init.restart",
    /// The init container has a field that nobody needs to verify a model.
    InitField = "init.field",
    /// Another container has a name that is kept for those that verify, or one has it in a pod that declares no model.
    ContainerName = "container.name",
    /// A container has rights with which it could change a read-only mount.
    PodPrivileged = "pod.privileged",
    /// The pod sees the node's files or processes, or its containers see each other's.
    PodHost = "pod.host",
    /// An ephemeral container would look into the init container that verifies.
    EphemeralTarget = "ephemeral.target",
    /// Somebody wants to run something in the init container that verifies, or attach to it.
    ExecInit = "exec.init",
    /// The model's token does not verify, or the policy refuses it.
    ModelRefused = "model.refused",
    /// The model's token could not be looked at.
    ModelUnknown = "model.unknown",
}

impl fmt::Display for AdmissionCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// One reason.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// Its code.
    pub code: AdmissionCode,
    /// A sentence for people, in which strangers' text is quoted.
    pub message: String,
}

impl Refusal {
    pub(crate) fn new(code: AdmissionCode, message: impl Into<String>) -> Self {
        Self { code, message: message.into() }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code, self.message)
    }
}

/// Quotes a stranger's text, and cuts it.
pub(crate) fn shown(text: &str) -> String {
    if text.chars().count() <= MAX_SHOWN {
        return format!("{text:?}");
    }
    format!("{:?}…", text.chars().take(MAX_SHOWN).collect::<String>())
}
