//! Weights files whose header lies: refused by name, before anything is stored, signed or minted.

use modelmark_testkit::model::{safetensors, safetensors_of};

use crate::environment::TestEnvironment;

/// A header, the data behind it, and a word of what is said about it.
type Lie = (&'static str, Vec<u8>, &'static str);

fn lies() -> Vec<Lie> {
    let of = |header: &str, bytes: usize| safetensors_of(header, &vec![0; bytes]);
    let one = |begin: usize, end: usize| format!(r#"{{"a":{{"dtype":"F32","shape":[4],"data_offsets":[{begin},{end}]}}}}"#);
    let two = |second: &str| format!(r#"{{"a":{{"dtype":"F32","shape":[4],"data_offsets":[0,16]}},{second}}}"#);
    let tensor = |name: &str, begin: usize| format!(r#""{name}":{{"dtype":"F32","shape":[4],"data_offsets":[{begin},{}]}}"#, begin + 16);
    let mut bad_utf8 = one(0, 16).into_bytes();
    bad_utf8[2] = 0xff;
    vec![
        ("empty", Vec::new(), "header of"),
        ("cut in the length", vec![1, 2, 3], "header of"),
        ("longer than the file", [&1000_u64.to_le_bytes()[..], b"{}"].concat(), "header of 1000 bytes"),
        ("longer than anything", [&u64::MAX.to_le_bytes()[..], b"{}"].concat(), "header of 18446744073709551615 bytes"),
        ("no JSON", of("not json", 0), "malformed header"),
        ("no object", of("[]", 0), "malformed header"),
        ("bad UTF-8", safetensors_of(bad_utf8, &[0; 16]), "malformed header"),
        ("nested 10,000 deep", of(&"[".repeat(10_000), 0), "malformed header"),
        ("overlapping", of(&two(&tensor("b", 8)), 24), "overlap"),
        ("hole", of(&two(&tensor("b", 20)), 36), "hole"),
        ("hole in front", of(&one(4, 20), 20), "hole"),
        ("duplicate names", of(&two(&tensor("a", 16)), 32), "two tensors are named \"a\""),
        ("reversed", of(&one(16, 0), 16), "model.safetensors"),
        ("data missing", of(&one(0, 16), 8), "the tensors take 16 bytes"),
        ("data left over", of(&one(0, 16), 24), "the tensors take 16 bytes"),
        ("shape that overflows", of(r#"{"a":{"dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,16]}}"#, 16), "its shape"),
        ("shape that does not fit", of(r#"{"a":{"dtype":"F32","shape":[5],"data_offsets":[0,16]}}"#, 16), "20 needed"),
        ("negative shape", of(r#"{"a":{"dtype":"F32","shape":[-4],"data_offsets":[0,16]}}"#, 16), "malformed header"),
        ("unknown type", of(r#"{"a":{"dtype":"F33","shape":[4],"data_offsets":[0,16]}}"#, 16), "F33"),
    ]
}

#[test]
fn a_lying_header_is_refused_by_every_verb_that_reads_tensors() {
    let environment = TestEnvironment::with_a_token();
    environment.model("lying");
    for (lie, bytes, word) in lies() {
        environment.write("lying/model.safetensors", bytes);
        for verb in ["digest", "publish"] {
            let refused = environment.run(&[verb, "lying"]);
            eprintln!("{lie}: {}", refused.stderr);
            refused.expect_error(1, &["model.safetensors", word]);
        }
    }
    environment.run(&["verify", "lying"]).expect_code(1).expect_words(&["no token of"]);
    environment.assert_kept();
}

#[test]
fn a_lie_about_tensors_does_not_hide_the_bytes() {
    let environment = TestEnvironment::with_a_token();
    environment.model("lying");
    environment.write("lying/model.safetensors", safetensors_of("{}", b"left over"));
    environment.ok(&["digest", "lying", "--hash", "cid"]);
    environment.write("kept/model.safetensors", safetensors_of("{}", b"left over"));
    let token = environment.run(&["verify", "kept", "--full"]);
    assert!(matches!(token.code, Some(1 | 3)), "{token:#?}");
    environment.write("kept/model.safetensors", safetensors("kept"));
    environment.assert_kept();
}

#[test]
fn one_tensor_in_two_shards_is_refused() {
    let environment = TestEnvironment::with_a_token();
    environment.sharded("sharded");
    let [first, again] = ["model-00001-of-00002.safetensors", "model-00003-of-00002.safetensors"];
    let shard = |name: &str| environment.path("sharded/weights").join(name);
    std::fs::copy(shard(first), shard(again)).unwrap();
    environment.run(&["publish", "sharded", "--license", "mit"]).expect_error(1, &[first, again, "embed.bias"]);
    environment.assert_kept();
}
