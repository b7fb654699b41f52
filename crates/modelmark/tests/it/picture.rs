//! `modelmark picture`: the card of a record as a file, and beside the record in the block store.

use std::fs;

use crate::environment::TestEnvironment;

const PNG: &[u8] = b"\x89PNG\r\n\x1a\n";

fn with_record() -> TestEnvironment {
    let environment = TestEnvironment::new();
    environment.model("tiny");
    let record = environment.ok(&["record", "tiny", "--metric", "accuracy=0.9731"]).stdout;
    environment.write("record.json", record);
    environment
}

#[test]
fn a_card_is_drawn_as_svg_and_as_png() {
    let environment = with_record();
    let svg = environment.ok(&["picture", "record.json"]).stdout;
    assert!(svg.starts_with("<svg ") && svg.contains("accuracy 0.9731"), "{svg}");
    assert_eq!(environment.ok(&["picture", "record.json", "--json"]).json()["svg"], svg.trim_end());
    environment.ok(&["picture", "record.json", "--output", "card.svg"]).expect_words(&["wrote"]);
    assert_eq!(fs::read_to_string(environment.path("card.svg")).unwrap(), svg.trim_end());
    for name in ["a.png", "b.PNG"] {
        environment.ok(&["picture", "record.json", "--size", "64", "--output", name]);
    }
    let small = fs::read(environment.path("a.png")).unwrap();
    assert!(small.starts_with(PNG));
    assert_eq!(small, fs::read(environment.path("b.PNG")).unwrap());
    assert_eq!(small[16..24], [0, 0, 0, 64, 0, 0, 0, 64], "width and height");
}

#[test]
fn what_cannot_be_drawn_is_refused() {
    let environment = with_record();
    environment.run(&["picture", "record.json", "--output", "card.jpg"]).expect_error(2, &[".svg nor in .png"]);
    environment.run(&["picture", "record.json", "--size", "640"]).expect_error(2, &["--size is that of a PNG"]);
    environment.run(&["picture", "record.json", "--output", "c.png", "--size", "9999"]).expect_error(2, &["64 to 2048"]);
    environment.run(&["picture", "tiny/README.md"]).expect_error(1, &["is not a record"]);
    environment.run(&["picture", "record.json", "--output", "record.json"]).expect_error(2, &[".svg nor in .png"]);
}

#[test]
fn a_card_is_kept_and_travels_with_its_record() {
    let environment = TestEnvironment::new();
    environment.model("tiny");
    let published = environment.ok(&["publish", "tiny", "--json"]).json();
    let (token, cid) = (published["token"].as_str().unwrap(), published["picture"].as_str().unwrap());
    let kept = |environment: &TestEnvironment| environment.command(&["cat", cid]).output().unwrap().stdout;
    let png = kept(&environment);
    assert!(png.starts_with(PNG));
    environment.ok(&["picture", token, "--output", "card.png"]);
    assert_eq!(png, fs::read(environment.path("card.png")).unwrap());

    environment.ok(&["car", "export", published["uri"].as_str().unwrap(), "record.car"]);
    let there = TestEnvironment::new();
    there.write("record.car", fs::read(environment.path("record.car")).unwrap());
    let roots = there.ok(&["car", "import", "record.car", "--json"]).json();
    assert!(roots["roots"].as_array().unwrap().iter().any(|root| root["is"] == "picture" && root["cid"] == cid), "{roots}");
    assert_eq!(kept(&there), png);
}
