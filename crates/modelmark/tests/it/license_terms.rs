//! `modelmark license terms`.

use crate::environment::{CREATOR, OTHER, TestEnvironment};

#[test]
fn a_reading_is_stated_once_and_decides() {
    let environment = TestEnvironment::new();
    let set = |license: &str, rest: &[&str]| environment.run(&[&["license", "terms", "set", license], rest].concat());
    let show = |license: &str, reader: &str| environment.ok(&["license", "terms", "show", license, "--reader", reader]);
    show("Apache-2.0", CREATOR).expect_words(&["has not read Apache-2.0"]);
    let permissive = ["--permits", "commercial,derivatives,redistribution", "--demands", "attribution"];
    let dry = set("Apache-2.0", &[&permissive[..], &["--dry-run"]].concat()).expect_code(0);
    dry.expect_words(&["LicenseTerms at", "read(bytes32[],uint16[])", "would cost at most"]);
    set("Apache-2.0", &permissive).expect_code(0).expect_words(&["permits commercial, derivatives, redistribution; demands attribution"]);
    // The same again is no news; another reading of one's own is none at all.
    set("Apache-2.0", &[&permissive[..], &["--json"]].concat()).expect_words(&["\"changed\": false"]).expect_code(0);
    set("Apache-2.0", &["--permits", "derivatives"]).expect_error(1, &["has read Apache-2.0 before", "for good", "nothing was sent"]);
    show("Apache-2.0", CREATOR).expect_words(&["demands attribution", CREATOR]);
    show("Apache-2.0", OTHER).expect_words(&["has not read"]);

    set("CC-BY-SA-4.0", &["--permits", "commercial,derivatives,redistribution", "--demands", "attribution,share-alike"]).expect_code(0);
    set("LicenseRef-look", &["--revocable"]).expect_code(0).expect_words(&["permits nothing; demands nothing; can be taken back"]);
    let check = |parent: &str, child: &str| {
        environment.ok(&["license", "terms", "check", "--parent", parent, "--child", child, "--reader", CREATOR])
    };
    check("Apache-2.0", "CC-BY-SA-4.0").expect_words(&["ALLOWED  by the reading"]);
    check("CC-BY-SA-4.0", "Apache-2.0").expect_words(&["NOT ALLOWED  the parent's licence asks for the same licence"]);
    check("CC-BY-SA-4.0", "CC-BY-SA-4.0").expect_words(&["ALLOWED  by the reading"]);
    check("LicenseRef-look", "Apache-2.0").expect_words(&["NOT ALLOWED  the parent's licence permits no derivatives"]);
    check("MIT", "Apache-2.0").expect_words(&["NOT ALLOWED  the reader has not read the parent's licence"]);

    set("MIT", &["--permits", "attribution"]).expect_error(2, &["--permits attribution", "commercial, derivatives, redistribution"]);
    set("MIT", &["--demands", "money"]).expect_error(2, &["--demands money", "attribution, share-alike, use-restricted"]);
    set("", &[]).expect_error(2, &["1 to 255 bytes", "SPDX"]);
}
