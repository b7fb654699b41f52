//! `modelmark verify --deny-code`.

use crate::environment::TestEnvironment;

/// A pickle that asks for the working directory.
const CALL: &[u8] = b"\x80\x04\x95\x14\x00\x00\x00\x00\x00\x00\x00\x8c\x05posix\x94\x8c\x06getcwd\x94\x93\x94)R\x94.";
/// A pickle of an empty dict.
const DATA: &[u8] = b"\x80\x04}.";

#[test]
fn a_model_of_data_passes() {
    let environment = TestEnvironment::new();
    environment.model("tiny");
    environment.write("tiny/state.pkl", DATA);
    environment.publish("tiny");
    for flags in [&[][..], &["--deny-code"]] {
        let report = environment.ok(&[&["verify", "tiny", "--json"][..], flags].concat());
        assert_eq!(report.status("code.none"), "pass");
    }
}

#[test]
fn code_is_told_and_refused_when_the_policy_says_so() {
    for (name, bytes, said) in [
        ("data.txt", CALL, "refers to \"posix.getcwd\""),
        ("old.pkl", b"cposix\ngetcwd\n(tR.", "protocol 0"),
        ("broken.pth", b"7z\xbc\xaf\x27\x1c..", "7z"),
        ("config.json", br#"{"model_type":"tiny","auto_map":{"AutoModel":"m.M"}}"#, "auto_map"),
    ] {
        let environment = TestEnvironment::new();
        environment.model("tiny");
        environment.write(&format!("tiny/{name}"), bytes);
        environment.publish("tiny");
        let told = environment.ok(&["verify", "tiny"]).expect_words(&["runs code, or may", name, said, "`--deny-code`"]);
        assert!(told.stdout.contains("VERIFIED"), "{told:#?}");
        assert_eq!(environment.ok(&["verify", "tiny", "--json"]).status("code.none"), "skipped");
        let refused = environment.run(&["verify", "tiny", "--deny-code", "--json"]).expect_code(4);
        assert_eq!((refused.json()["verdict"].as_str(), refused.status("code.none").as_str()), (Some("policy-refused"), "fail"));
        environment.run(&["verify", "tiny", "--deny-code"]).expect_code(4).expect_words(&["REFUSED BY POLICY", name, said]);
    }
}

#[test]
fn code_that_nothing_runs_is_not_refused() {
    let environment = TestEnvironment::new();
    environment.model("tiny");
    environment.write("tiny/convert.py", "print()\n");
    environment.write("tiny/chat_template.jinja", "{{ messages }}");
    environment.publish("tiny");
    environment.ok(&["verify", "tiny", "--deny-code"]);
}

#[test]
fn files_that_do_not_verify_are_not_excused_by_the_policy() {
    let environment = TestEnvironment::new();
    environment.model("tiny");
    let token = environment.publish("tiny");
    environment.write("tiny/extra.pkl", CALL);
    let report = environment.run(&["verify", "tiny", "--token", &token, "--deny-code", "--json"]).expect_code(1);
    assert_eq!(report.status("code.none"), "fail");
}
