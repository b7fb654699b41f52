//! JUnit XML, in the dialect that Jenkins, GitLab and GitHub's reporters read: a suite for each report, a case for each check.

use modelmark_verify::{Check, Report, Status};
use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesText, Event};

use crate::visible::visible;
use crate::{FormError, subject};

type Xml = Writer<Vec<u8>>;

/// Returns the document.
pub(crate) fn suites(reports: &[Report]) -> Result<String, FormError> {
    let mut xml = Writer::new_with_indent(Vec::new(), b' ', 2);
    let written = xml.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None))).and_then(|()| {
        xml.create_element("testsuites")
            .with_attribute(("name", "modelmark"))
            .write_inner_content(|xml| reports.iter().try_for_each(|report| suite(xml, report)))
            .map(drop)
    });
    written.map_err(|error| FormError::Writer(error.into()))?;
    String::from_utf8(xml.into_inner()).map(|text| text + "\n").map_err(|error| FormError::Writer(error.into()))
}

fn suite(xml: &mut Xml, report: &Report) -> std::io::Result<()> {
    let subject = subject(report);
    let count = |wanted: &[Status]| report.checks.iter().filter(|check| wanted.contains(&check.status)).count().to_string();
    xml.create_element("testsuite")
        .with_attributes([
            ("name", subject.as_str()),
            ("tests", report.checks.len().to_string().as_str()),
            ("failures", count(&[Status::Fail]).as_str()),
            ("errors", count(&[Status::Unknown]).as_str()),
            ("skipped", count(&[Status::Skipped, Status::Sampled]).as_str()),
        ])
        .write_inner_content(|xml| report.checks.iter().try_for_each(|check| case(xml, &subject, check)))
        .map(drop)
}

fn case(xml: &mut Xml, subject: &str, check: &Check) -> std::io::Result<()> {
    let case = xml.create_element("testcase").with_attributes([("classname", subject), ("name", check.code.as_str())]);
    // What was only sampled must not count as passed, and nothing failed: JUnit has no word of its own for it.
    let element = match check.status {
        Status::Pass => return case.write_empty().map(drop),
        Status::Fail => "failure",
        Status::Unknown => "error",
        Status::Skipped | Status::Sampled => "skipped",
    };
    let message = visible(&check.message);
    case.write_inner_content(|xml| {
        let inner = xml.create_element(element).with_attribute(("message", message.as_str()));
        if check.details.is_empty() {
            return inner.write_empty().map(drop);
        }
        let details: Vec<_> = check.details.iter().map(|detail| visible(detail)).collect();
        inner.write_text_content(BytesText::new(&details.join("\n"))).map(drop)
    })
    .map(drop)
}
