//! What is wrong with a value names it once, whoever found it wrong.

use crate::environment::TestEnvironment;

#[test]
fn a_value_that_is_refused_is_named_once() {
    let environment = TestEnvironment::new();
    environment.model("tiny");
    let wrong = "zzyx";
    // A reader of TOML shows the line as well.
    environment.write("signer.json", r#"{"version": 1, "signers": {"required": ["zzyx"]}}"#);
    environment.write("digest.json", r#"{"version": 1, "parents": {"forbid": [{"weights": "zzyx"}]}}"#);
    for (command, words) in [
        ("verify tiny --require-signature zzyx", "--require-signature <SIGNER>: \"zzyx\" is no account: neither `creator`"),
        ("verify tiny --range zzyx --token x", "--range <PATH:START..END>: \"zzyx\" is no range"),
        ("verify tiny --sample zzyx --token x", "--sample <N>: \"zzyx\" is neither a number"),
        ("verify tiny --place zzyx", "--place <URL>: \"zzyx\" is no URL of a place"),
        ("digest tiny --cid-profile zzyx", "no CID profile is called \"zzyx\""),
        ("verify tiny --block zzyx", "invalid value 'zzyx' for '--block <BLOCK>': neither"),
        ("verify tiny --creator zzyx", "not an address (wanted 0x and 40 hex digits): \"zzyx\""),
        ("record tiny --parent zzyx", "`zzyx` is no RELATION=TOKEN"),
        ("record tiny --parent finetune=zzyx", "--parent: not a token reference"),
        ("record tiny --parent zzyx=eip155:1/erc721:0x/1", "unknown relation `zzyx`"),
        ("record tiny --metric acc=zzyx", "--metric: behind the `=`: "),
        ("verify tiny --policy signer.json", "\"zzyx\" is no account"),
        ("verify tiny --policy digest.json", "\"zzyx\" is neither 0x-hex nor a CID"),
    ] {
        let refused = environment.run(&command.split(' ').collect::<Vec<_>>()).expect_error(2, &[words]);
        assert_eq!(refused.stderr.matches(wrong).count(), 1, "{refused:#?}");
    }
    // A licence is named again where it is not all of the expression only, and in the hint at terms of one's own.
    let alone =
        environment.run(&["record", "tiny", "--license", wrong]).expect_error(2, &["licence \"zzyx\" is not on the SPDX licence list"]);
    assert_eq!(alone.stderr.matches("\"zzyx\"").count(), 1, "{alone:#?}");
    environment.run(&["record", "tiny", "--license", "MIT OR zzyx"]).expect_error(2, &["names \"zzyx\", which is not on the SPDX"]);
}
