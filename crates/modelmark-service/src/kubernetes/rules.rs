//! What the administrator pins.

/// What init containers have to be, and what is demanded beyond declarations.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rules {
    images: Vec<String>,
    arguments: Vec<String>,
    require: bool,
}

/// Rules that would hold nothing.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RulesError {
    /// Somebody could put another image behind that name.
    #[error("{0:?} does not name an image by its digest: write `registry.example.org/modelmark@sha256:` and 64 hex digits")]
    Image(String),
    /// No pod could run.
    #[error("no image is named that init containers may have")]
    NoImage,
    /// Kubernetes replaces such text in arguments by environment variables.
    #[error("the argument {0:?} has `$(` in it, which Kubernetes would replace")]
    Argument(String),
}

impl Rules {
    /// Returns rules: the images that init containers may have (several, while one replaces another), and the arguments that they have besides what they fetch
    /// or verify.
    ///
    /// # Errors
    /// [`RulesError`].
    pub fn new(images: Vec<String>, arguments: Vec<String>) -> Result<Self, RulesError> {
        if images.is_empty() {
            return Err(RulesError::NoImage);
        }
        if let Some(image) = images.iter().find(|image| !by_digest(image)) {
            return Err(RulesError::Image(image.clone()));
        }
        if let Some(argument) = arguments.iter().find(|argument| argument.contains("$(")) {
            return Err(RulesError::Argument(argument.clone()));
        }
        Ok(Self { images, arguments, require: false })
    }

    /// Demands that every volume that can bring a model in is declared.
    #[must_use]
    pub fn requiring(self, require: bool) -> Self {
        Self { require, ..self }
    }

    pub(super) fn images(&self) -> &[String] {
        &self.images
    }

    pub(super) fn arguments(&self) -> &[String] {
        &self.arguments
    }

    pub(super) const fn require(&self) -> bool {
        self.require
    }
}

/// Tells whether nobody can put another image behind a name.
pub(super) fn by_digest(image: &str) -> bool {
    let Some((name, digest)) = image.split_once("@sha256:") else { return false };
    let plain = name.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'@');
    let hex = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
    !name.is_empty() && plain && digest.len() == 64 && digest.bytes().all(hex)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn images_are_named_by_digest_and_arguments_stay_what_they_are() {
        let digest = "0".repeat(64);
        let rules = |image: &str, argument: &str| Rules::new(vec![image.to_owned()], vec![argument.to_owned()]);
        assert!(rules(&format!("example.org/modelmark@sha256:{digest}"), "--policy=/p").is_ok());
        assert!(rules(&format!("example.org:5000/modelmark:v1@sha256:{digest}"), "").is_ok());
        let short = format!("m@sha256:{}", "0".repeat(63));
        let capital = format!("m@sha256:{}", "A".repeat(64));
        let nameless = format!("@sha256:{digest}");
        let twice = format!("m@sha256:{digest}@sha256:{digest}");
        for image in ["m", "m:latest", short.as_str(), capital.as_str(), nameless.as_str(), twice.as_str()] {
            assert!(matches!(rules(image, ""), Err(RulesError::Image(_))), "{image}");
        }
        assert!(matches!(rules(&format!("m@sha256:{digest}"), "--rpc-url=$(URL)"), Err(RulesError::Argument(_))));
        assert!(matches!(Rules::new(Vec::new(), Vec::new()), Err(RulesError::NoImage)));
    }
}
