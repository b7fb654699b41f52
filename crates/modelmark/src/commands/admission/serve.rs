//! `modelmark admission serve`: the webhook.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use clap::Args;
use modelmark_service::{Admission, Decision, Settings, admission_router};
use modelmark_verify::exit_codes;
use serde_json::json;
use tokio::net::TcpListener;

use super::certificate::Certificate;
use super::connections::Bounds;
use super::desk::Desk;
use super::health::{self, Health};
use super::in_force::InForce;
use super::incoming::Incoming;
use super::review::line;
use super::rules::RuleArgs;
use super::self_signed;
use crate::error::{CommandError, Kind, OrKind as _, Result};
use crate::serving;
use crate::session::Session;

/// How long a token may take: less than a whole request, so that it is told why nothing is admitted.
const PATIENCE: Duration = Duration::from_secs(7);
/// How long what was asked may take to be answered when the server is stopped: for longer than any request takes.
const GRACE: Duration = Duration::from_secs(10);

/// Serve the admission webhook
///
/// Answers `POST /admit` with TLS, and `/healthz` and `/readyz`, which is ready once the chain was reached. Whatever cannot be read or looked at is refused.
/// One line on stderr tells of each decision. Certificate and policy are read again when their files change; while those are broken, what was read before
/// holds on. Runs until it is interrupted (SIGINT or SIGTERM), and answers then what was asked already.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  modelmark admission serve --listen 0.0.0.0:8443 --tls-cert tls.crt --tls-key tls.key --policy policy.toml --chain base \
                        --image registry.example.org/modelmark@sha256:… -- --policy /etc/modelmark/policy.toml --chain base --place https://ipfs.io"
)]
pub(crate) struct ServeArgs {
    /// Address and port to listen on; port 0 takes a free one
    #[arg(long, value_name = "ADDRESS", default_value_t = SocketAddr::from((Ipv4Addr::LOCALHOST, 8443)))]
    listen: SocketAddr,
    /// Certificate chain of the server (PEM)
    #[arg(long, value_name = "FILE", requires = "tls_key", required_unless_present_any = ["self_signed", "insecure_http"])]
    tls_cert: Option<PathBuf>,
    /// Its key (PEM)
    #[arg(long, value_name = "FILE", requires = "tls_cert")]
    tls_key: Option<PathBuf>,
    /// To try it out: use the certificate in this directory, or make one there with an authority of its own, and print the `caBundle`
    #[arg(long, value_name = "DIR", conflicts_with_all = ["tls_cert", "insecure_http"])]
    self_signed: Option<PathBuf>,
    /// Serve without TLS, on loopback only: behind a proxy in the same pod
    #[arg(long, conflicts_with = "tls_cert")]
    insecure_http: bool,
    #[command(flatten)]
    rules: RuleArgs,
}

pub(super) fn run(session: &Session<'_>, args: &ServeArgs) -> Result<u8> {
    if args.insecure_http && !args.listen.ip().is_loopback() {
        return Err(CommandError::usage(format!("{} can be reached from other machines", args.listen))
            .hint("`--tls-cert` and `--tls-key` give TLS"));
    }
    let rules = args.rules.rules(session)?;
    let health = Arc::<Health>::default();
    let policy = InForce::read(&args.rules.policy, Arc::clone(&health))?;
    let made = args.self_signed.as_deref().map(|dir| self_signed::open(dir, args.listen.ip())).transpose()?;
    let files = made.as_ref().map(|made| (made.certificate.clone(), made.key.clone()));
    let certificate = files.or_else(|| args.tls_cert.clone().zip(args.tls_key.clone()));
    let certificate = certificate.map(|(certificate, key)| Certificate::open(certificate, key)).transpose()?;
    let (desk, work) = Desk::new(Arc::clone(&health));
    let output = *session.output;
    let log = Arc::new(move |decision: &Decision| output.log(decision, || line(decision)));
    let app = admission_router(Admission::new(rules, Arc::new(desk)), log, Settings::default()).merge(health::routes(health));
    session.block_on(async {
        let listener = TcpListener::bind(args.listen).await.map_err(|error| {
            let told = CommandError::new(Kind::Unreachable, error);
            told.hint(format!("cannot listen on {}: choose another with `--listen`; port 0 takes a free one", args.listen))
        })?;
        let scheme = if certificate.is_some() { "https" } else { "http" };
        let url = format!("{scheme}://{}/admit", listener.local_addr().or_unreachable()?);
        let bundle = made.map(|made| made.bundle);
        session.output.result(&json!({"url": url, "caBundle": bundle}), || match &bundle {
            Some(bundle) => format!("listening  {url}\ncaBundle   {bundle}"),
            None => format!("listening  {url}"),
        })?;
        if let Some(certificate) = &certificate {
            tokio::spawn(Arc::clone(certificate).follow(output));
        }
        let serving = serving::serve(Incoming::new(listener, certificate, Bounds::default(), output)?, app, GRACE);
        tokio::select! {
            ended = serving => ended,
            ended = work.run(session, &args.rules, policy, PATIENCE) => ended,
        }
    })?;
    Ok(exit_codes::VERIFIED)
}
