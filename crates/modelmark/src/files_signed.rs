//! Signatures of OpenSSF model signing that a policy file asks for: found beside the files, and held against those whom it names.

use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use modelmark_digest::Sha256Digest;
use modelmark_oms::{Bundle, Certificates, MAX_BUNDLE_BYTES, Material, Options, PublicKey, Trust, TrustRoot, authenticate, signing_keys};
use modelmark_verify::{FoundSignature, Identity, Key, Look, OmsEvidence, Rules, Vouching};

use crate::commands::oms::beside::{found as read_file, in_model, known, unlooked};
use crate::commands::oms::place;
use crate::commands::oms::verify::told_signer;
use crate::error::Result;
use crate::progress::Progress;
use crate::session::{Session, read_judged};

/// Most signatures of one model that are looked at; their files may have [`MAX_BUNDLE_BYTES`] together.
const MAX_FOUND: usize = 8;

/// Looks whether signatures by those whom `rules` names speak for the files of `model`: those that were brought, and `model.sig` and `model.*.sig` in its folder.
///
/// # Errors
/// When a signature that was named cannot be read.
pub(crate) fn look(session: &Session<'_>, model: &Path, brought: &[PathBuf], rules: &Rules) -> Result<Look<Vec<FoundSignature>>> {
    let bundles = match bundles(model, brought)? {
        Ok(bundles) if bundles.is_empty() => {
            return Ok(Look::Absent(format!("there is no signature of OpenSSF model signing in {}", in_model(model).display())));
        }
        Ok(bundles) => bundles,
        Err(why) => return Ok(Look::Unreachable(why)),
    };
    let places: Vec<Option<String>> = bundles.iter().map(|(path, _)| place::below(model, path)).collect();
    let mut found = Vec::new();
    for ((path, bytes), place) in bundles.iter().zip(&places) {
        let others = places.iter().flatten().filter(|other| Some(*other) != place.as_ref()).cloned();
        let options = Options { signature_path: place.clone(), ignore_paths: others.collect(), ..Options::default() };
        let progress = Progress::new(session.output, "verifying the signature");
        let hold = |trust: Trust<'_>| modelmark_oms::verify(model, bytes, trust, &options, &progress);
        match held_against(&path.display().to_string(), bytes, rules, &hold) {
            Ok(more) => found.extend(more),
            Err(why) => return Ok(Look::Unreachable(why)),
        }
    }
    Ok(Look::Found(found))
}

/// Returns a signature that one of those made of whom `rules` wants one, for a model that nothing else speaks for.
pub(crate) fn speaking(signed: &Look<Vec<FoundSignature>>, rules: &Rules) -> Look<OmsEvidence> {
    let found = signed.found().into_iter().flatten().find(|one| rules.identities.iter().any(|identity| identity.is(one)));
    found.map_or(Look::NotAsked, |one| Look::Found(one.found.clone()))
}

type Bundles = Vec<(PathBuf, Vec<u8>)>;

/// Reads the signatures. What lies in the model's folder under such a name and is none is one of the model's files, like any other.
fn bundles(model: &Path, brought: &[PathBuf]) -> Result<std::result::Result<Bundles, String>> {
    let mut bundles = Vec::new();
    for path in brought {
        bundles.push((path.clone(), read_judged(path, MAX_BUNDLE_BYTES)?));
    }
    let mut left = MAX_BUNDLE_BYTES;
    for path in beside(model) {
        if brought.iter().any(|known| std::fs::canonicalize(known).ok() == std::fs::canonicalize(&path).ok()) {
            continue;
        }
        let Some(bytes) = read_file(&path)? else { continue };
        let Some(rest) = left.checked_sub(bytes.len()) else {
            return Ok(Err(format!("the signatures in the model's folder have more than {MAX_BUNDLE_BYTES} bytes together")));
        };
        left = rest;
        if Bundle::read(&bytes).is_ok() || path == in_model(model) {
            bundles.push((path, bytes));
        }
        if bundles.len() > MAX_FOUND {
            return Ok(Err(format!("there are more than {MAX_FOUND} signatures of OpenSSF model signing")));
        }
    }
    Ok(Ok(bundles))
}

/// Returns where signatures lie in a model, in the order of their names, `model.sig` first.
fn beside(model: &Path) -> Vec<PathBuf> {
    let usual = in_model(model);
    let folder = usual.parent().unwrap_or(model);
    let is_named = |name: &str| name.starts_with("model.") && name.ends_with(".sig") && name.len() > "model..sig".len();
    let names = std::fs::read_dir(folder).into_iter().flatten().flatten().filter_map(|entry| entry.file_name().into_string().ok());
    let mut others: Vec<String> = names.filter(|name| is_named(name)).collect();
    others.sort();
    std::iter::once(usual.clone()).chain(others.iter().map(|name| folder.join(name))).collect()
}

/// What holding a signature against the files and somebody who is trusted comes to.
type Held<'h> = dyn Fn(Trust<'_>) -> std::result::Result<modelmark_oms::Report, modelmark_oms::VerifyError> + 'h;

/// Holds a signature against all whom the rules name. The files are read when somebody of them signed.
fn held_against(source: &str, bytes: &[u8], rules: &Rules, hold: &Held<'_>) -> std::result::Result<Vec<FoundSignature>, String> {
    let found = |vouched: Option<Sha256Digest>, found: OmsEvidence| FoundSignature { source: source.to_owned(), vouched, found };
    let refused =
        |why: String| vec![found(None, OmsEvidence { signer: None, identity: None, files: 0, refused: vec![why], notes: Vec::new() })];
    let bundle = match Bundle::read(bytes) {
        Ok(bundle) => bundle,
        Err(why) => return Ok(refused(format!("{}: {}", why.code.as_str(), why.message))),
    };
    let trusted = match bundle.material() {
        Material::Key(_) => by_key(&bundle, rules),
        Material::Certificates(_) => by_certificate(&bundle, rules)?,
        Material::Keyless(_) => by_login(&bundle, rules),
    };
    let mut held = Vec::new();
    // One look at the files does for all who vouch for one signer.
    let mut looked: Option<OmsEvidence> = None;
    for trusted in &trusted.believed {
        let evidence = match looked.take() {
            Some(evidence) => evidence,
            None => match hold(trusted.trust()) {
                Ok(report) => told(&report),
                Err(error) => return Err(unlooked(&error)),
            },
        };
        held.push(found(trusted.vouched, evidence.clone()));
        looked = Some(evidence);
    }
    Ok(if held.is_empty() { refused(trusted.refusal()) } else { held })
}

/// Who signed, by those whom the policy believes; and why nobody did.
#[derive(Default)]
struct Believed {
    believed: Vec<Trusted>,
    refused: Vec<String>,
}

impl Believed {
    fn refusal(&self) -> String {
        match self.refused.first() {
            Some(why) => why.clone(),
            None => "it is by nobody whom the policy names".to_owned(),
        }
    }
}

/// Somebody who is trusted, and by what they are known in the policy.
struct Trusted {
    vouched: Option<Sha256Digest>,
    whom: Whom,
}

enum Whom {
    Key(PublicKey),
    Certificates(Certificates, Duration),
    Keyless(std::rc::Rc<TrustRoot>, String, String),
}

impl Trusted {
    fn trust(&self) -> Trust<'_> {
        match &self.whom {
            Whom::Key(key) => Trust::Key(key),
            Whom::Certificates(roots, now) => Trust::Certificates { roots, now: *now },
            Whom::Keyless(root, identity, issuer) => Trust::Keyless { root, identity, issuer },
        }
    }
}

/// A fingerprint names the key, and the signature has it.
fn by_key(bundle: &Bundle, rules: &Rules) -> Believed {
    let named = |key: &PublicKey| {
        let hint = key.hint();
        rules.identities().any(|identity| matches!(identity, Identity::Key(Key::Fingerprint(named)) if *named.get() == hint))
    };
    let key = signing_keys(bundle).into_iter().find(named);
    Believed { believed: key.map(|key| Trusted { vouched: None, whom: Whom::Key(key) }).into_iter().collect(), refused: Vec::new() }
}

fn by_certificate(bundle: &Bundle, rules: &Rules) -> std::result::Result<Believed, String> {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_err(|_| "the clock of this machine is before 1970".to_owned())?;
    let mut found = Believed::default();
    let mut seen = Vec::new();
    for identity in rules.identities() {
        let Identity::Certificate { vouching: Vouching::Text(pem), .. } = identity else { continue };
        if seen.contains(&pem) {
            continue;
        }
        seen.push(pem);
        let roots = Certificates::from_pem(pem.as_bytes()).map_err(|error| error.to_string())?;
        match authenticate(bundle, Trust::Certificates { roots: &roots, now }) {
            Ok(_) => {
                let vouched = Some(Sha256Digest::of(pem.as_bytes()));
                found.believed.push(Trusted { vouched, whom: Whom::Certificates(roots, now) });
            }
            Err(why) => found.refused.push(format!("{}: {}", why.code.as_str(), why.message)),
        }
    }
    Ok(found)
}

/// Whom the certificate names decides only which rules are tried; that it is so is shown by verifying with exactly this name.
fn by_login(bundle: &Bundle, rules: &Rules) -> Believed {
    let mut found = Believed::default();
    let Some(claimed) = bundle.claimed_identity() else { return found };
    let mut seen = Vec::new();
    for identity in rules.identities() {
        let Identity::Keyless { who, issuer, vouching } = identity else { continue };
        if !who.is(&claimed) || seen.contains(&(vouching, issuer)) {
            continue;
        }
        seen.push((vouching, issuer));
        let root = match vouching {
            None => TrustRoot::public(),
            Some(Vouching::Text(text)) => TrustRoot::from_json(text.as_bytes()),
            Some(Vouching::File(_)) => continue,
        };
        let tried = root.map_err(|error| error.to_string()).and_then(|root| {
            let trust = Trust::Keyless { root: &root, identity: &claimed, issuer: issuer.as_str() };
            authenticate(bundle, trust).map_err(|why| format!("{}: {}", why.code.as_str(), why.message))?;
            Ok(root)
        });
        match tried {
            Ok(root) => {
                let vouched = vouching.as_ref().and_then(Vouching::digest);
                let whom = Whom::Keyless(std::rc::Rc::new(root), claimed.clone(), issuer.as_str().to_owned());
                found.believed.push(Trusted { vouched, whom });
            }
            Err(why) => found.refused.push(why),
        }
    }
    found
}

/// Returns what a look came to, as evidence.
pub(crate) fn told(report: &modelmark_oms::Report) -> OmsEvidence {
    OmsEvidence {
        signer: report.signer.as_ref().map(|signer| told_signer(Some(signer))),
        identity: report.signer.as_ref().and_then(known),
        files: report.matched,
        refused: report.refused.iter().map(|refused| format!("{}: {}", refused.code.as_str(), refused.message)).collect(),
        notes: report.notes.clone(),
    }
}
