//! `modelmark verify` of what is named by a signature, by a path in a container, by the CID of a folder.

use std::os::unix::fs::symlink;

use serde_json::Value;

use crate::environment::TestEnvironment;
use crate::oms::key;

/// A model that is signed, with the signature at `signature`.
fn signed(signature: &str) -> TestEnvironment {
    let environment = TestEnvironment::new();
    environment.model("tiny");
    environment.ok(&["oms", "sign", "key", "tiny", "--private-key", &key("p256"), "--signature", signature]);
    environment
}

#[test]
fn a_signature_stands_for_the_files_that_it_speaks_of() {
    for (signature, names) in [("tiny/model.sig", ["tiny/model.sig", "oms:tiny/model.sig"]), ("tiny.sig", ["tiny.sig", "oms:tiny.sig"])] {
        let environment = signed(signature);
        for named in names {
            let report = environment.run(&["verify", named, "--oms-key", &key("p256.pub"), "--json"]).expect_code(0);
            assert_eq!(
                (report.json()["verdict"].as_str(), report.status("oms.signature").as_str()),
                (Some("verified-without-record"), "pass")
            );
            assert_eq!(report.json()["path"], "tiny");
            environment.run(&["verify", named, "--oms-key", &key("p384.pub")]).expect_code(1);
            // Whose signature it has to be is for the caller to say.
            environment.run(&["verify", named]).expect_error(2, &["--oms-key"]);
            environment
                .run(&["verify", named, "--oms-key", &key("p256.pub"), "--oms-signature", signature])
                .expect_error(2, &["two signatures"]);
        }
        environment.model("other");
        environment.ok(&["oms", "sign", "key", "other", "--private-key", &key("p256"), "--signature", "other/model.sig"]);
        let list = ["verify", names[0], "other", "--oms-key", &key("p256.pub"), "--json"];
        assert_eq!(environment.run(&list).expect_code(0).stdout.lines().count(), 2);
        environment.write("tiny/model.safetensors", "changed");
        environment.run(&list).expect_code(1);
    }
}

/// Nobody who puts files there decides what is looked at.
#[test]
fn a_signature_that_may_speak_of_two_models_is_refused() {
    let environment = signed("tiny/model.sig");
    let verify = |named: &str| environment.run(&["verify", named, "--oms-key", &key("p256.pub")]);
    std::fs::create_dir(environment.path("tiny/model")).unwrap();
    verify("tiny/model.sig").expect_error(2, &["may speak of", "--oms-signature"]);
    std::fs::rename(environment.path("tiny/model.sig"), environment.path("tiny/release.sig")).unwrap();
    verify("tiny/release.sig").expect_error(2, &["there is no `tiny/release`"]);
    verify("oms:tiny/config.json").expect_error(2, &["NAME.sig"]);
    verify("oms:nowhere.sig").expect_error(2, &["nowhere.sig"]);
    // A model in whose place a signature lies is a model all the same.
    std::fs::rename(environment.path("tiny/release.sig"), environment.path("tiny/model.safetensors")).unwrap();
    verify("tiny/model.safetensors").expect_code(1);
}

#[test]
fn paths_in_a_container_are_taken_as_it_sees_them() {
    let environment = TestEnvironment::with_a_token();
    let root = environment.path("merged");
    std::fs::create_dir_all(root.join("models")).unwrap();
    std::fs::rename(environment.path("kept"), root.join("models/kept")).unwrap();
    symlink("/models/kept", root.join("current")).unwrap();
    let verify = |path: &str| environment.run(&["verify", "--root", "merged", path, "--json"]);
    for path in ["/models/kept", "models/kept", "/current", "/../../models/kept"] {
        assert_eq!(verify(path).expect_code(0).json()["path"], "merged/models/kept", "{path}");
    }
    environment.pipe("/current\n/models/kept\n", &["verify", "--root", "merged", "--list", "-"]).expect_code(0);
    // A genuine model of this host is none of the container's, whatever the container links to.
    std::fs::rename(root.join("models/kept"), environment.path("genuine")).unwrap();
    let genuine = environment.path("genuine");
    symlink(&genuine, root.join("models/kept")).unwrap();
    environment.run(&["verify", "merged/models/kept"]).expect_code(0);
    for path in ["/models/kept", "/current", "/../genuine", genuine.to_str().unwrap()] {
        verify(path).expect_error(2, &["there is nothing at"]);
    }
    environment.run(&["verify", "--root", "genuine/config.json", "kept"]).expect_error(2, &["no directory"]);
}

/// The CID of a folder, of whose blocks nothing but those of folders are looked at.
#[test]
fn the_cid_of_a_model_s_folder_leads_to_its_token() {
    let environment = TestEnvironment::new();
    let mut published = Vec::new();
    for (name, sharded) in [("one", false), ("many", true)] {
        if sharded {
            environment.sharded(name)
        } else {
            environment.model(name)
        }
        let made = environment.ok(&["publish", name, "--license", "mit", "--json"]).json();
        let token = made["token"].as_str().unwrap().to_owned();
        let manifest = environment.ok(&["digest", name, "--json"]).json();
        published.push((name, manifest["cid"].as_str().unwrap().to_owned(), token));
    }
    for (name, cid, token) in &published {
        for named in [cid.clone(), format!("ipfs://{cid}")] {
            let report = environment.run(&["verify", &named, "--json"]).expect_code(0);
            let found = |field: &str| report.json()[field].as_str().map(str::to_owned);
            assert_eq!((found("verdict").as_deref(), found("token").as_ref()), (Some("record-verified"), Some(token)), "{name}");
            assert!(report.json()["notes"].to_string().contains("is a model's folder"), "{report:#?}");
        }
    }
    // The same weights in another folder: their token is not that folder's.
    environment.write("one/notes.txt", "a file more");
    let other = environment.ok(&["digest", "one", "--json"]).json()["cid"].as_str().unwrap().to_owned();
    let record = environment.ok(&["record", "one"]).stdout;
    environment.write("record.json", record);
    environment.ok(&["store", "record.json", "--model", "one"]);
    let refused = environment.run(&["verify", &other, "--json"]).expect_code(1);
    assert_eq!((refused.status("token.exists").as_str(), &refused.json()["token"]), ("fail", &Value::Null));
    assert!(refused.stdout.contains("none of their records that folder"), "{refused:#?}");
    // Of a folder whose blocks nobody has it is said that nothing can be seen.
    let unknown = "bafybeiczsscdsbs7ffqz55asqdf3smv6klcw3gofszvwlyarci47bgf354";
    environment.run(&["verify", unknown]).expect_code(1).expect_words(&["could not be seen", "no place is named"]);
}

/// What is demanded of one model is refused where nobody would look at it.
#[test]
fn a_record_beside_what_has_no_files_or_a_list_is_refused() {
    let environment = TestEnvironment::new();
    environment.model("tiny");
    let token = environment.publish("tiny");
    let cid = environment.ok(&["verify", "tiny", "--json"]).json()["cid"].as_str().unwrap().to_owned();
    environment.write("other.json", "{}");
    environment.write("list", "tiny\n");
    let record = ["--record", "other.json"];
    for named in [&["verify", token.as_str()][..], &["verify", &cid], &["verify", "--list", "list"], &["verify", "record:other.json"]] {
        environment.run(&[named, &record].concat()).expect_error(2, &["verify that model alone"]);
    }
    environment.run(&["verify", "--record", "other.json"]).expect_code(1);
}
