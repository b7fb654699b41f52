//! The admission webhook, asked what API servers ask (attacks/kubernetes).

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use axum::body::Body;
use axum::http::Request;
use modelmark_service::{Admission, AdmissionCode, Decision, Judge, JudgeError, Question, Rules, Settings, admission_router};
use modelmark_verify::Report;
use serde_json::{Value, json};
use tower::ServiceExt as _;

use crate::fixture::{Answer, Desk, post};

/// Says the same of every token.
pub(crate) struct Word(pub(crate) &'static str);

#[async_trait]
impl Judge for Word {
    async fn verify(&self, question: Question) -> Result<Report, JudgeError> {
        let check = json!({"code": "status.token", "severity": "policy", "status": "fail", "page": "", "message": "recalled"});
        let report = json!({"version": 1, "verdict": self.0, "token": question.token.unwrap().to_string(), "checks": [check]});
        Ok(serde_json::from_value(report).unwrap())
    }
}

fn folder() -> PathBuf {
    concat!(env!("CARGO_MANIFEST_DIR"), "/../../attacks/kubernetes").into()
}

fn read(name: &str) -> Vec<u8> {
    std::fs::read(folder().join(format!("{name}.json"))).unwrap()
}

fn rules() -> Rules {
    let image = format!("registry.example.org/modelmark@sha256:{}", "5".repeat(64));
    let arguments = ["--policy", "/etc/modelmark/policy.toml", "--chain", "eip155:31337"].map(str::to_owned);
    Rules::new(vec![image], arguments.into()).unwrap()
}

fn admission(verdict: &'static str) -> Admission {
    Admission::new(rules(), Arc::new(Word(verdict)))
}

async fn decide(admission: &Admission, name: &str) -> Decision {
    admission.decide(&read(name)).await.unwrap()
}

#[tokio::test]
async fn every_way_around_is_refused_for_what_it_is_and_good_pods_pass() {
    let admission = admission("verified");
    let expected: BTreeMap<String, BTreeSet<String>> = serde_json::from_slice(&read("expected")).unwrap();
    let files =
        std::fs::read_dir(folder()).unwrap().filter(|entry| entry.as_ref().unwrap().path().extension().is_some_and(|end| end == "json"));
    assert_eq!(files.count(), expected.len() + 1);
    let mut stopped = BTreeSet::new();
    for (name, codes) in &expected {
        let decision = decide(&admission, name).await;
        let found: BTreeSet<String> = decision.codes.iter().map(ToString::to_string).collect();
        assert_eq!(&found, codes, "{name}: {:?}", decision.reasons);
        assert_eq!((decision.allowed, name.starts_with("passes-")), (codes.is_empty(), codes.is_empty()), "{name}");
        let response = &decision.answer["response"];
        assert_eq!((response["uid"].as_str(), response["allowed"].as_bool()), (Some(decision.uid.as_str()), Some(codes.is_empty())));
        assert!(!decision.answer.to_string().contains('\u{1b}'), "{name}");
        stopped.extend(found);
    }
    let with_files = AdmissionCode::ALL.iter().filter(|code| {
        use AdmissionCode::{ModelRefused, ModelUnknown, VolumeUndeclared};
        !matches!(code, ModelRefused | ModelUnknown | VolumeUndeclared)
    });
    let without: Vec<_> = with_files.filter(|code| !stopped.contains(code.as_str())).collect();
    assert!(without.is_empty(), "nothing in attacks/kubernetes is refused as {without:?}");
}

#[tokio::test]
async fn a_model_that_does_not_verify_is_not_admitted() {
    for (verdict, code, status) in [
        ("does-not-verify", "model.refused", 403),
        ("policy-refused", "model.refused", 403),
        ("verified-without-record", "model.refused", 403),
        ("part-verified", "model.refused", 403),
        ("sampled", "model.refused", 403),
        ("could-not-look", "model.unknown", 503),
    ] {
        let decision = decide(&admission(verdict), "passes-two-models").await;
        assert_eq!((decision.codes, decision.reasons.len(), decision.models.len()), (vec![code], 2, 2), "{verdict}");
        assert_eq!(decision.answer["response"]["status"]["code"], status);
        // What has the same specification as before is not asked about again.
        assert!(decide(&admission(verdict), "passes-finalizer-taken-off").await.allowed);
    }
    let unreachable = Admission::new(rules(), Arc::new(Desk::default()));
    assert_eq!(decide(&unreachable, "passes-fetched").await.codes, ["model.unknown"]);
    // What is refused for its shape costs no look at the chain.
    assert_eq!(decide(&unreachable, "init-mutable-tag").await.codes, ["init.image"]);
}

#[tokio::test]
async fn undeclared_volumes_are_refused_where_that_is_demanded() {
    let demanding = Admission::new(rules().requiring(true), Arc::new(Word("verified")));
    for name in ["passes-fetched", "passes-claim", "passes-no-model"] {
        assert!(decide(&demanding, name).await.allowed, "{name}");
    }
    let mut review: Value = serde_json::from_slice(&read("passes-no-model")).unwrap();
    let volumes = review["request"]["object"]["spec"]["volumes"].as_array_mut().unwrap();
    volumes.push(json!({"name": "hidden", "nfs": {"server": "x", "path": "/"}}));
    let bytes = review.to_string().into_bytes();
    assert_eq!(demanding.decide(&bytes).await.unwrap().codes, ["volume.undeclared"]);
    assert!(admission("verified").decide(&bytes).await.unwrap().allowed);
}

#[tokio::test]
async fn the_route_answers_reviews_and_tells_the_log() {
    let told: Arc<Mutex<Vec<Decision>>> = Arc::default();
    let log = Arc::clone(&told);
    let app = admission_router(
        admission("verified"),
        Arc::new(move |decision: &Decision| log.lock().unwrap().push(decision.clone())),
        Settings::default(),
    );
    let answer = Answer::read(app.clone().oneshot(post("/admit?timeout=10s", read("mount-writable"))).await.unwrap()).await;
    let review = answer.json();
    assert_eq!((answer.status.as_u16(), answer.header("content-type")), (200, "application/json"));
    assert_eq!((&review["apiVersion"], &review["kind"]), (&json!("admission.k8s.io/v1"), &json!("AdmissionReview")));
    assert_eq!(review["response"]["auditAnnotations"]["codes"], "mount.writable");
    assert!(review["response"]["status"]["message"].as_str().unwrap().starts_with("mount.writable: the container \"server\""));
    let decision = told.lock().unwrap().pop().unwrap();
    let line = (decision.operation.as_str(), decision.kind.as_str(), decision.namespace.as_str(), decision.name.as_str());
    assert_eq!(line, ("CREATE", "Pod", "serving", "server"));
    let text = String::from_utf8(read("passes-fetched")).unwrap();
    for (from, to) in [
        ("admission.k8s.io/v1", "admission.k8s.io/v1beta1"),
        ("705ab4f5-6393-11e8-b7cc-42010a800002", ""),
        ("\"operation\": \"CREATE\"", "\"operation\": 1"),
        ("\"AdmissionReview\"", "\"Review\""),
        ("\"request\"", "\"response\""),
    ] {
        assert!(text.contains(from), "{from}");
        let answer = Answer::read(app.clone().oneshot(post("/admit", text.replace(from, to))).await.unwrap()).await;
        answer.expect_problem(400, "malformed");
    }
    let deep = format!("{}{}", "[".repeat(200_000), "]".repeat(200_000));
    let deep = text.replace("\"labels\": {", &format!("\"deep\": {deep}, \"labels\": {{"));
    Answer::read(app.clone().oneshot(post("/admit", deep)).await.unwrap()).await.expect_problem(400, "malformed");
    let get = Request::get("/admit").body(Body::empty()).unwrap();
    Answer::read(app.oneshot(get).await.unwrap()).await.expect_problem(405, "method");
    assert!(told.lock().unwrap().is_empty());
}

/// A few megabytes of JSON can be a hundred times as many in memory, and whoever reaches the port may send them.
#[tokio::test]
async fn no_more_values_are_taken_in_than_two_objects_have() {
    let pod = String::from_utf8(read("passes-fetched")).unwrap();
    let with = |filling: String| pod.replace("\"labels\": {", &format!("\"filling\": [{filling}0], \"labels\": {{")).into_bytes();
    for unit in [r#"{"a":0},"#, "[],", "0,", r#""\"","#] {
        let problem = admission("verified").decide(&with(unit.repeat(200_000))).await.unwrap_err();
        assert!(problem.detail().contains("values"), "{unit}: {}", problem.detail());
    }
    // What stands in texts is none.
    let text = format!("\"{}\",", r#"[{,\","#.repeat(200_000));
    assert!(admission("verified").decide(&with(text)).await.unwrap().allowed);
    assert!(admission("verified").decide(&with("0,".repeat(50_000))).await.unwrap().allowed);
}

/// The places of all values below one, as JSON pointers.
fn places(value: &Value, at: String, all: &mut Vec<String>) {
    all.push(at.clone());
    let escaped = |key: &str| key.replace('~', "~0").replace('/', "~1");
    match value {
        Value::Array(list) => list.iter().enumerate().for_each(|(index, value)| places(value, format!("{at}/{index}"), all)),
        Value::Object(object) => object.iter().for_each(|(key, value)| places(value, format!("{at}/{}", escaped(key)), all)),
        _ => {}
    }
}

#[tokio::test]
async fn whatever_one_value_becomes_nothing_breaks_and_the_init_container_stays_what_it_is() {
    let admission = admission("verified");
    let others =
        [json!(null), json!(true), json!(false), json!(7), json!(""), json!("x"), json!([]), json!([{}]), json!({}), json!({"x": []})];
    for name in ["passes-claim", "passes-debugger"] {
        let review: Value = serde_json::from_slice(&read(name)).unwrap();
        let mut all = Vec::new();
        places(&review, String::new(), &mut all);
        for place in &all {
            for other in &others {
                let mut changed = review.clone();
                *changed.pointer_mut(place).unwrap() = other.clone();
                let decided = admission.decide(changed.to_string().as_bytes()).await;
                let pinned = ["args", "image", "name"].iter().any(|field| {
                    let pinned = format!("/request/object/spec/initContainers/0/{field}");
                    *place == pinned || place.starts_with(&format!("{pinned}/"))
                });
                if let (Ok(decision), true) = (decided, pinned) {
                    assert!(!decision.allowed, "{name}: {place} = {other}");
                }
            }
        }
    }
}

#[test]
fn every_code_is_explained() {
    let page = std::fs::read_to_string(folder().join("../../integrations/kubernetes/README.md")).unwrap();
    for code in AdmissionCode::ALL {
        let row = format!("| `{code}` | {} |", code.explanation());
        assert!(page.contains(&row), "integrations/kubernetes/README.md does not have {row}");
    }
}
