//! `modelmark publish`.

use std::fs;

use crate::chains::Served;
use crate::environment::{CREATOR, OTHER, TestEnvironment};

#[test]
fn a_model_is_published_and_verified() {
    let environment = TestEnvironment::new();
    environment.model("tiny");
    environment.write("data/rows.csv", "a,b\n1,2\n");
    let published = environment.ok(&["publish", "tiny", "--license", "apache-2.0", "--royalty", "5%", "--dataset", "data"]);
    insta::assert_snapshot!(published.shown(), @r"
    code: 0
    --- stdout
    token eip155:31337/erc721:[ADDRESS]/[ID]
    --- stderr
       digest [CID] (3 files, 427 B; weights: 1 file, 2 tensors, 36 parameters (F32))
       record [HASH]
         sign by [ADDRESS] (development key)
        store ipfs://[CID] in file:[ROOT]/data/modelmark/store
         mint block [N], 0.[COINS] ETH paid
    ");
    insta::assert_snapshot!(environment.ok(&["verify", "tiny"]).shown(), @r"
    code: 0
    --- stdout
       pass token.exists       the token exists (seen at block [N])
       pass token.id           the token id is the hash of what the contract says about the token
       pass contract.authentic the contract is the canonical modelmark registry
       pass record.found       record found: file:[ROOT]/data/modelmark/store
       pass record.digest      the record's bytes are the ones on chain (SHA-256 [HASH])
       pass record.valid       the record is well formed and canonical
       pass record.token       weights, licence, creator and royalty of token and record agree
       pass creator.signature  signed by eip155:1:[ADDRESS]
       pass record.signatures  signed by the creator
       pass model.files        3 files exactly as recorded
       pass model.missing      no file is missing
       pass model.extra        no file is added
       pass model.cid          the model's CID is the record's, [CID]
       pass weights.cid        the weights are the ones on the record, [CID]
       pass code.none          nothing was found that runs code when it is loaded
       pass status.token       the token is active, says its creator
       pass claim.first        nobody else claims these weights

    token    eip155:31337/erc721:[ADDRESS]/[ID]
    creator  eip155:1:[ADDRESS]
    assured  contract canonical, chain by endpoint, block [N] (latest)
    VERIFIED  tiny
    --- stderr
    ");
}

#[test]
fn publishing_twice_finds_the_token() {
    let environment = TestEnvironment::new();
    environment.model("tiny");
    let first = environment.ok(&["publish", "tiny", "--json"]).json();
    assert_eq!(first["minted"], true);
    assert!(first["transaction"].is_string() && first["block"].is_u64(), "{first}");
    let again = environment.ok(&["publish", "tiny", "--json"]);
    again.expect_fields(&["token", "record", "uri", "model", "signatures"], &first);
    assert_eq!(again.json()["minted"], false);
    assert_eq!(again.json()["spent"], "0 wei");
    environment.ok(&["publish", "tiny"]).expect_words(&["found", "nothing was sent"]);
}

#[test]
fn the_same_model_gives_the_same_token_elsewhere() {
    let tokens = [(); 2].map(|()| {
        let environment = TestEnvironment::new();
        environment.model("tiny");
        environment.publish("tiny")
    });
    assert_eq!(tokens[0], tokens[1], "neither a clock nor a place may enter the token's id");
}

#[test]
fn a_single_file_verifies_under_any_name() {
    let environment = TestEnvironment::new();
    environment.write("model.safetensors", modelmark_testkit::model::safetensors("single"));
    environment.ok(&["publish", "model.safetensors", "--license", "mit"]);
    environment.ok(&["verify", "model.safetensors", "--full"]);
    fs::rename(environment.path("model.safetensors"), environment.path("renamed.safetensors")).unwrap();
    environment.ok(&["verify", "renamed.safetensors"]);
}

#[test]
fn shards_and_nested_folders_are_one_model() {
    let environment = TestEnvironment::new();
    environment.sharded("sharded");
    environment.ok(&["publish", "sharded", "--license", "mit"]);
    environment.ok(&["verify", "sharded", "--full"]);
    let shard = environment.path("sharded/weights/model-00002-of-00002.safetensors");
    let mut bytes = fs::read(&shard).unwrap();
    *bytes.last_mut().unwrap() ^= 1;
    fs::write(&shard, bytes).unwrap();
    environment.run(&["verify", "sharded"]).expect_code(1).expect_words(&["DOES NOT VERIFY"]);
}

#[test]
fn a_copy_outlives_the_model() {
    let environment = TestEnvironment::new();
    environment.model("tiny");
    let model = environment.ok(&["publish", "tiny", "--copy", "--json"]).json();
    fs::remove_dir_all(environment.path("tiny")).unwrap();
    let manifest = environment.ok(&["car", "export", model["uri"].as_str().unwrap(), "all.car", "--model", "--json"]).json();
    assert_eq!(manifest["roots"].as_array().unwrap().len(), 4, "record, signatures, picture and model");
}

#[test]
fn a_reference_follows_the_file_and_says_when_it_is_gone() {
    let environment = TestEnvironment::new();
    environment.model("tiny");
    let weights = environment.ok(&["digest", "tiny", "--json"]).json()["weights"]["cid"].as_str().unwrap().to_owned();
    environment.publish("tiny");
    environment.ok(&["cat", &weights, "--offset", "8", "--length", "7"]).expect_words(&["{\"bias\""]);
    fs::remove_file(environment.path("tiny/model.safetensors")).unwrap();
    environment.run(&["cat", &weights]).expect_error(1, &["model.safetensors"]);
}

#[test]
fn the_token_goes_to_whom_it_is_meant_for() {
    let environment = TestEnvironment::new();
    environment.model("tiny");
    let token = environment.ok(&["publish", "tiny", "--to", OTHER, "--json"]).json()["token"].as_str().unwrap().to_owned();
    let shown = environment.ok(&["show", &token, "--json"]).json();
    assert_eq!(shown["chain"]["owner"], OTHER.to_lowercase());
    assert_eq!(shown["chain"]["creator"], CREATOR.to_lowercase());
}

#[test]
fn a_file_beside_the_model_states_the_facts() {
    let environment = TestEnvironment::new();
    environment.model("tiny");
    environment.write(
        "tiny/modelmark.toml",
        "[model]\nname = \"Toml's model\"\nversion = \"2.1.0\"\nlicense = \"MIT\"\n[creator]\nname = \"Ada\"\n[royalty]\npercent = 2.5\n",
    );
    let token = environment.publish("tiny");
    let record = environment.ok(&["show", &token, "--json"]).json()["record"].clone();
    assert_eq!(record["name"], "Toml's model");
    let provenance = &record["provenance"];
    assert_eq!(provenance["version"], "2.1.0");
    assert_eq!(provenance["license"]["spdx"], "MIT");
    assert_eq!(provenance["royalty"]["bps"], 250);
    assert_eq!(provenance["creator"]["name"], "Ada");
    let flag = environment.ok(&["record", "tiny", "--license", "apache-2.0", "--json"]).json();
    assert_eq!(flag["record"]["provenance"]["license"]["spdx"], "Apache-2.0", "an option wins over the file");
}

#[test]
fn secrets_stay_out_of_the_record_and_it_is_said() {
    let environment = TestEnvironment::new();
    environment.model("tiny");
    environment.write("tiny/README.md", "---\nlicense: mit\n---\n\n# Tiny\n\nWrite to ada@example.org, weights in /home/ada/secret.\n");
    let recorded = environment.ok(&["record", "tiny"]);
    assert!(!recorded.stdout.contains("ada@example.org") && !recorded.stdout.contains("/home/ada"), "{recorded:#?}");
    assert!(recorded.stderr.contains("left out of the record"), "{recorded:#?}");
}

#[test]
fn a_parent_stands_in_the_record_and_on_chain() {
    let environment = TestEnvironment::new();
    environment.model("base");
    environment.model("tuned");
    let parent = environment.publish("base");
    let child = environment.ok(&["publish", "tuned", "--parent", &format!("finetune={parent}"), "--json"]).json();
    let token = child["token"].as_str().unwrap();
    environment.ok(&["show", token]).expect_words(&[&format!("finetune of {parent}\n")]);
    let shown = environment.ok(&["show", token, "--json"]).json();
    assert_eq!(shown["record"]["provenance"]["lineage"][0]["parent"]["token"], parent);
    assert_eq!(shown["chain"]["lineage"].as_array().unwrap().len(), 1);
    environment.ok(&["verify", "tuned", "--full"]);
}

#[test]
fn a_served_chain_is_used_and_the_token_is_still_there_without_the_server() {
    let environment = TestEnvironment::new();
    environment.model("tiny");
    let served = Served::start(&environment);
    let token = environment.publish("tiny");
    environment.ok(&["verify", "tiny", "--rpc-url", &served.url]);
    environment.ok(&["verify", "tiny"]);
    drop(served);
    environment.ok(&["verify", "tiny", "--token", &token]);
}

#[test]
fn wrong_facts_are_refused_before_anything_is_minted() {
    let environment = TestEnvironment::with_a_token();
    environment.model("tiny");
    for (option, value, word) in [
        ("--license", "nonsense-9", "nonsense-9"),
        ("--royalty", "11%", "--royalty"),
        ("--royalty", "-1%", "--royalty"),
        ("--metric", "accuracy", "NAME=VALUE"),
        ("--metric", "accuracy=high", "high"),
        ("--rpc-timeout", "0", "0"),
        ("--parent", "cousin=eip155:1/erc721:0x/1", "cousin"),
        ("--parent", "finetune=eip155:1/erc721:0x/1", "not an address"),
        ("--created-at", "yesterday", "yesterday"),
        ("--dataset", "no-such-data", "no-such-data"),
        ("--to", "0x1234", "0x1234"),
        ("--dev-account", "10", "10"),
        ("--confirmations", "0", "0"),
    ] {
        let argument = format!("{option}={value}");
        environment.run(&["publish", "tiny", argument.as_str()]).expect_error(2, &[word]);
    }
    environment.run(&["verify", "tiny"]).expect_code(1).expect_words(&["no token of"]);
    environment.assert_kept();
}

/// Hashing a large model takes minutes; a slip in an option must not cost them.
#[test]
fn wrong_facts_are_told_before_the_model_is_read() {
    let environment = TestEnvironment::new();
    environment.model("tiny");
    environment.write("bare/model.safetensors", modelmark_testkit::model::safetensors("bare"));
    for (model, option, word) in [
        ("tiny", "--royalty=11%", "--royalty"),
        ("tiny", "--license=nonsense-9", "nonsense-9"),
        ("tiny", "--parent=cousin=eip155:1/erc721:0x/1", "the relations are version, finetune"),
        ("tiny", "--metric=accuracy", "NAME=VALUE"),
        ("tiny", "--created-at=yesterday", "yesterday"),
        ("tiny", "--to=0x1234", "--to"),
        ("bare", "--royalty=1%", "a licence"),
    ] {
        environment.run(&["publish", model, option]).expect_error(2, &[word]);
        assert!(!environment.data_dir().join("store").exists(), "{option} was told after the model was taken in");
    }
    environment.ok(&["publish", "tiny"]);
    assert!(environment.data_dir().join("store").exists());
}

#[test]
fn a_publisher_is_told_what_to_beware_of() {
    let environment = TestEnvironment::new();
    environment.model("tiny");
    for number in 0..5 {
        environment.write(&format!("tiny/modeling_{number}.py"), "print()\n");
    }
    environment.write("tiny/config.json", r#"{"auto_map":{"AutoModel":"modeling_0.Model"}}"#);
    environment.write("tiny/pytorch_model.bin", b"\x80\x02}q\x00.");
    environment.write(
        "tiny/model.safetensors.index.json",
        r#"{"weight_map":{"a":"model.safetensors","b":"model-2.safetensors","c":"model-2.safetensors"}}"#,
    );
    let published = environment.ok(&["publish", "tiny"]);
    let notes: String =
        published.stderr.lines().filter_map(|line| line.trim_start().strip_prefix("note")).map(|line| format!("note{line}\n")).collect();
    insta::assert_snapshot!(notes, @r"
    note modeling_0.py, modeling_1.py, modeling_2.py and 2 more: a program by its name (.py)
    note pytorch_model.bin: a pickle, which holds nothing but data; the safetensors files need none
    note config.json: `auto_map` asks the loader to run code of the model's own (`trust_remote_code`)
    note model.safetensors.index.json: lists shards that are not in the model: model-2.safetensors
    note model.safetensors.index.json: listed tensors that stand in no shard: a
    note model.safetensors.index.json: tensors of the shards that are not listed, so that loaders pass them over: bias, weight
    note pytorch_model.bin: cannot be compared with model.safetensors.index.json (pytorch_model.bin: the format is none that is read)
    ");
    assert_eq!(environment.ok(&["publish", "tiny", "--quiet"]).stderr, "");
}

#[test]
fn a_folder_without_weights_is_published_as_a_whole_and_it_is_said() {
    let environment = TestEnvironment::new();
    environment.write("notes/text.txt", "no weights");
    environment.ok(&["publish", "notes", "--license", "mit"]).expect_words(&["the whole folder counts as weights"]);
    environment.model("tiny");
    assert!(!environment.ok(&["publish", "tiny"]).stderr.contains("note"), "nothing to beware of");
}
