//! Foreign services on loopback, each started by the test that needs it and gone with it.

pub(crate) use modelmark_testkit::foreign::Foreign;
