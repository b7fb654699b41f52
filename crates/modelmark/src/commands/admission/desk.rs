//! Where the questions of many connections come to be answered by the one verifier, on the thread that it lives on.

use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use futures_util::StreamExt as _;
use futures_util::stream::FuturesUnordered;
use modelmark_service::{Judge, JudgeError, Question};
use modelmark_verify::{Look, Policy, Report, Scope};
use tokio::sync::{mpsc, oneshot};
use tokio::time::MissedTickBehavior;

use super::health::Health;
use super::in_force::{EVERY, InForce};
use super::rules::RuleArgs;
use crate::error::Result;
use crate::output::printable;
use crate::session::Session;
use crate::verifier::{Subject, Verifier};

/// Most questions that wait.
const WAITING: usize = 64;
/// How long chain and places may take to be reached, and for what is not awaited by an API server.
pub(super) const PATIENCE: Duration = Duration::from_secs(60);
/// Takes questions.
pub(super) struct Desk {
    questions: mpsc::Sender<Asked>,
}

struct Asked {
    question: Question,
    reply: oneshot::Sender<std::result::Result<Report, JudgeError>>,
}

/// What the desk's questions are answered from.
pub(super) struct Work {
    questions: mpsc::Receiver<Asked>,
    health: Arc<Health>,
}

impl Desk {
    pub(super) fn new(health: Arc<Health>) -> (Self, Work) {
        let (sender, questions) = mpsc::channel(WAITING);
        (Self { questions: sender }, Work { questions, health })
    }
}

#[async_trait]
impl Judge for Desk {
    async fn verify(&self, question: Question) -> std::result::Result<Report, JudgeError> {
        let (reply, answer) = oneshot::channel();
        self.questions.try_send(Asked { question, reply }).map_err(|_| JudgeError::OutOfReach("too many questions wait".to_owned()))?;
        answer.await.unwrap_or_else(|_| Err(JudgeError::OutOfReach("the server is stopping".to_owned())))
    }
}

impl Work {
    /// Answers questions until nobody can ask any more. What takes longer than `patience` could not be looked at.
    ///
    /// Now and then the policy is looked at, and a chain that is out of reach tried again.
    pub(super) async fn run(mut self, session: &Session<'_>, args: &RuleArgs, mut policy: InForce<'_>, patience: Duration) -> Result<()> {
        let health = Arc::clone(&self.health);
        let mut verifier = open(session, args, policy.policy().clone(), &health).await?;
        let (mut running, mut opening) = (FuturesUnordered::new(), FuturesUnordered::new());
        let mut clock = tokio::time::interval(EVERY);
        clock.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                asked = self.questions.recv() => match asked {
                    Some(asked) => running.push(answer(Rc::clone(&verifier), asked, patience)),
                    None => return Ok(()),
                },
                Some(()) = running.next(), if !running.is_empty() => {}
                Some(opened) = opening.next(), if !opening.is_empty() => {
                    verifier = opened?;
                    // It may have changed while the chain was tried.
                    verifier.demand(policy.policy().clone());
                }
                _ = clock.tick() => {
                    if policy.look(session.output) {
                        verifier.demand(policy.policy().clone());
                    }
                    if verifier.blindness().is_some() && opening.is_empty() {
                        opening.push(open(session, args, policy.policy().clone(), &health));
                    }
                }
            }
        }
    }
}

async fn open<'s>(session: &'s Session<'s>, args: &RuleArgs, policy: Policy, health: &Health) -> Result<Rc<Verifier<'s>>> {
    let verifier = Verifier::open(session, &args.chain, &args.places, policy, PATIENCE).await?;
    if let Some(why) = verifier.blindness() {
        session.output.note(format!("no pod with a model is admitted: {}", printable(why)));
    }
    health.chain(verifier.blindness().is_none());
    Ok(Rc::new(verifier))
}

/// Answers one question, unless nobody waits for the answer any more.
async fn answer(verifier: Rc<Verifier<'_>>, asked: Asked, patience: Duration) {
    let Asked { question, mut reply } = asked;
    let report = tokio::select! {
        report = look(&verifier, question) => report,
        () = tokio::time::sleep(patience) => Err(JudgeError::OutOfReach(format!("there was no answer within {patience:?}"))),
        () = reply.closed() => return,
    };
    // Who asked may have gone just now.
    let _ = reply.send(report);
}

async fn look(verifier: &Verifier<'_>, question: Question) -> std::result::Result<Report, JudgeError> {
    if question.files.is_some() || question.directory.is_some() {
        return Err(JudgeError::Question("tokens alone are looked at here".to_owned()));
    }
    let subject = Subject {
        path: None,
        scope: Scope::Whole,
        full: false,
        cached: false,
        outboard: None,
        token: question.token,
        record: question.record,
        signatures: question.signatures,
        metadata: None,
        oms: Look::NotAsked,
        oms_signatures: Vec::new(),
        fail_fast: false,
    };
    verifier.verify(subject).await.map_err(|error| JudgeError::OutOfReach(error.to_string()))
}
