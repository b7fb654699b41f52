//! The manifests of integrations/kubernetes, held against the code.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write as _;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::Arc;

use modelmark_service::{Admission, KINDS, Rules, SUBRESOURCES, Settings};
use modelmark_testkit::tools;
use serde_json::{Value, json};

use crate::admission::Word;

fn folder() -> PathBuf {
    concat!(env!("CARGO_MANIFEST_DIR"), "/../../integrations/kubernetes").into()
}

fn read(name: &str) -> Value {
    let text = std::fs::read_to_string(folder().join(name)).unwrap();
    serde_saphyr::from_str(&text).unwrap()
}

fn texts(value: &Value) -> Vec<String> {
    value.as_array().unwrap().iter().map(|text| text.as_str().unwrap().to_owned()).collect()
}

fn set(value: &Value) -> BTreeSet<String> {
    texts(value).into_iter().collect()
}

#[test]
fn the_webhook_is_asked_about_everything_that_it_knows_and_fails_closed() {
    let webhook = &read("webhook.yaml")["webhooks"][0];
    for (field, value) in [("failurePolicy", "Fail"), ("matchPolicy", "Equivalent"), ("sideEffects", "None")] {
        assert_eq!(webhook[field], value, "{field}");
    }
    assert_eq!(webhook["admissionReviewVersions"], json!(["v1"]));
    assert!(webhook.get("objectSelector").is_none() && webhook.get("matchConditions").is_none());
    assert!(webhook["timeoutSeconds"].as_u64().unwrap() > Settings::default().deadline.as_secs());
    let mut asked = BTreeSet::new();
    for rule in webhook["rules"].as_array().unwrap() {
        assert_eq!(rule["apiVersions"], json!(["v1"]));
        let operations = set(&rule["operations"]);
        let reaching = set(&rule["resources"]).iter().any(|resource| matches!(resource.as_str(), "pods/exec" | "pods/attach"));
        let expected: &[&str] = if reaching { &["CONNECT"] } else { &["CREATE", "UPDATE"] };
        assert_eq!(operations, expected.iter().map(ToString::to_string).collect());
        asked.extend(set(&rule["resources"]).into_iter().map(|resource| (rule["apiGroups"][0].as_str().unwrap().to_owned(), resource)));
    }
    let known = KINDS.iter().map(|(group, _, _, resource, _)| ((*group).to_owned(), (*resource).to_owned()));
    let reached = SUBRESOURCES.iter().map(|sub| (String::new(), format!("pods/{sub}")));
    assert_eq!(asked, known.chain(reached).collect());
}

#[test]
fn the_parts_find_each_other() {
    let (service, deployment) = (read("service.yaml"), read("deployment.yaml"));
    let client = &read("webhook.yaml")["webhooks"][0]["clientConfig"]["service"];
    assert_eq!((&client["name"], &client["namespace"]), (&service["metadata"]["name"], &service["metadata"]["namespace"]));
    assert_eq!((&client["path"], &client["port"]), (&json!("/admit"), &service["spec"]["ports"][0]["port"]));
    assert_eq!(read("namespace.yaml")["metadata"]["name"], client["namespace"]);
    let template = &deployment["spec"]["template"];
    assert_eq!(service["spec"]["selector"], template["metadata"]["labels"]);
    assert_eq!(deployment["spec"]["selector"]["matchLabels"], template["metadata"]["labels"]);
    let container = &template["spec"]["containers"][0];
    assert_eq!(service["spec"]["ports"][0]["targetPort"], container["ports"][0]["name"]);
    let security = &container["securityContext"];
    assert_eq!((&security["readOnlyRootFilesystem"], &security["allowPrivilegeEscalation"]), (&json!(true), &json!(false)));
    assert_eq!((&security["capabilities"]["drop"], &template["spec"]["securityContext"]["runAsNonRoot"]), (&json!(["ALL"]), &json!(true)));
    let listed = texts(&read("kustomization.yaml")["resources"]);
    let mut there: Vec<String> =
        std::fs::read_dir(folder()).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    there.retain(|name| name.ends_with(".yaml") && name != "kustomization.yaml");
    assert_eq!(there.into_iter().collect::<BTreeSet<_>>(), listed.into_iter().collect());
}

#[tokio::test]
async fn the_examples_pass_the_rules_of_the_deployment() {
    let arguments = texts(&read("deployment.yaml")["spec"]["template"]["spec"]["containers"][0]["args"]);
    let split = arguments.iter().position(|argument| argument == "--").unwrap();
    let image = arguments.iter().find_map(|argument| argument.strip_prefix("--image=")).unwrap();
    let rules = Rules::new(vec![image.to_owned()], arguments[split + 1..].to_vec()).unwrap().requiring(true);
    let admission = Admission::new(rules, Arc::new(Word("verified")));
    for name in ["examples/fetched.yaml", "examples/claimed.yaml"] {
        let kind = json!({"group": "", "version": "v1", "kind": "Pod"});
        let request = json!({"uid": "1", "kind": kind, "operation": "CREATE", "namespace": "serving", "object": read(name)});
        let review = json!({"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview", "request": request});
        let decision = admission.decide(review.to_string().as_bytes()).await.unwrap();
        assert!(decision.allowed && decision.models.len() == 1, "{name}: {:?}", decision.reasons);
    }
}

/// Returns the arguments of each line of the Containerfile that begins with this instruction.
fn instructions(instruction: &str) -> Vec<Vec<String>> {
    let text = std::fs::read_to_string(folder().join("Containerfile")).unwrap();
    let lines = text.lines().filter_map(|line| line.strip_prefix(instruction)?.strip_prefix(' '));
    lines.map(|line| line.split(' ').map(str::to_owned).collect()).collect()
}

#[test]
fn the_image_is_built_as_the_page_says() {
    let page = std::fs::read_to_string(folder().join("README.md")).unwrap();
    let lines: Vec<Vec<&str>> = page.lines().map(|line| line.split_whitespace().collect()).collect();
    let command = |program: &str| lines.iter().find(|words| words.first() == Some(&program)).unwrap().as_slice();
    let after = |words: &[&str], option: &str| words.iter().skip_while(|word| **word != option).nth(1).unwrap().to_string();

    // The binary, of the package that has it, goes to where the image takes it from.
    let build = command("cargo");
    let readme = std::fs::read_to_string(tools::workspace().join("README.md")).unwrap();
    assert!(readme.contains(&build[..5].join(" ")), "{build:?}");
    let manifest = tools::workspace().join("crates").join(after(build, "-p")).join("Cargo.toml");
    assert!(std::fs::read_to_string(manifest).unwrap().contains("name = \"modelmark\"\n"));
    let built = command("cp");
    assert_eq!(built[1], "target/release/modelmark");
    let image = command("docker");
    assert_eq!(after(image, "-f"), "integrations/kubernetes/Containerfile");
    let context = *image.last().unwrap();
    let copied = built[2].strip_prefix(context).unwrap().trim_start_matches('/');

    // What it stands on has no default, and the page names it by its digest.
    let argument = instructions("ARG").concat();
    assert_eq!((argument.as_slice(), instructions("FROM")), (&["BASE".to_owned()][..], vec![vec!["${BASE}".to_owned()]]));
    let base = after(image, "--build-arg");
    assert!(base.starts_with("BASE=") && base.contains("@sha256:"), "{base}");

    let copies = instructions("COPY");
    assert_eq!(copies.len(), 2);
    for copy in &copies {
        assert!(copy[0] == copied || tools::workspace().join(context).join(&copy[0]).is_file(), "{copy:?}");
    }
    let at = |name: &str| &copies.iter().find(|copy| copy[0] == name).unwrap()[1];
    assert_eq!(instructions("ENTRYPOINT"), [[format!("[\"{}\"]", at(copied))]]);
    let deployment = read("deployment.yaml");
    let pod = &deployment["spec"]["template"]["spec"];
    let arguments = texts(&pod["containers"][0]["args"]);
    assert!(arguments.contains(&format!("--policy={}", at("policy.toml"))), "init containers read another policy than the image has");
    let security = &pod["securityContext"];
    assert_eq!(instructions("USER").concat(), [format!("{}:{}", security["runAsUser"], security["runAsGroup"])]);
}

/// Returns what is wrong with objects by the schemas of Kubernetes itself.
fn wrong(objects: &BTreeMap<String, Value>) -> Option<BTreeMap<String, String>> {
    let mut command = Command::new(tools::kubernetes_python()?);
    command.arg(tools::workspace().join("tests/clients/kubernetes/validate.py")).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut process = command.spawn().unwrap();
    process.stdin.take().unwrap().write_all(serde_json::to_string(objects).unwrap().as_bytes()).unwrap();
    let output = process.wait_with_output().unwrap();
    Some(serde_json::from_slice(&output.stdout).unwrap())
}

#[test]
fn kubernetes_knows_every_field_of_the_manifests_and_of_the_pods_that_pass() {
    let mut objects = BTreeMap::new();
    for name in ["namespace", "deployment", "service", "webhook", "examples/fetched", "examples/claimed"] {
        objects.insert(name.to_owned(), read(&format!("{name}.yaml")));
    }
    let attacks = folder().join("../../attacks/kubernetes");
    for entry in std::fs::read_dir(attacks).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        if name.starts_with("passes-") && !name.starts_with("passes-exec") {
            let review: Value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
            let request = &review["request"];
            let mut object = request["object"].clone();
            let group = request["kind"]["group"].as_str().unwrap();
            object["apiVersion"] = if group.is_empty() { "v1".into() } else { format!("{group}/v1").into() };
            object["kind"] = request["kind"]["kind"].clone();
            objects.insert(name, object);
        }
    }
    let mut misspelt = objects["deployment"].clone();
    misspelt["spec"]["template"]["spec"]["containers"][0]["volumeMounts"][0]["readonly"] = true.into();
    objects.insert("misspelt".to_owned(), misspelt);
    let Some(mut wrong) = wrong(&objects) else { return };
    assert!(wrong.remove("misspelt").unwrap().contains("readonly"));
    assert!(wrong.is_empty(), "{wrong:?}");
}
