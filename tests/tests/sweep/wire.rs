//! The wire between the SDK and the local cloud: one call after the other, counted, with a fault at the k-th.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient,
    SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::byte_stream::ByteStream;
use futures::future::BoxFuture;
use tokio_util::sync::CancellationToken;

use crate::call::Call;
use crate::fault::{self, Fault, Mode};

type Answer = Result<HttpResponse, ConnectorError>;
/// What somebody else does.
pub type Meddling = Arc<dyn Fn() -> BoxFuture<'static, ()> + Send + Sync>;

/// The wire. Calls wait for each other, so that the k-th is the same one every time.
#[derive(Debug, Clone)]
pub struct Wire {
    usual: SharedHttpClient,
    turn: Arc<tokio::sync::Mutex<()>>,
    script: Arc<Mutex<Script>>,
}

/// What is to go wrong, and what was seen.
#[derive(Default)]
struct Script {
    faults: Vec<Fault>,
    /// Operations that are denied, as [`Call::name`].
    denied: Vec<String>,
    cut_off: bool,
    /// Questions that are refused or lost for some more tries.
    again: HashMap<String, (Mode, usize)>,
    past: HashMap<String, Past>,
    stale: HashMap<String, usize>,
    seen: Seen,
    kill: CancellationToken,
    stop: CancellationToken,
    meddling: Option<Meddling>,
}

impl std::fmt::Debug for Script {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Script").field("faults", &self.faults).finish_non_exhaustive()
    }
}

/// What passed since the script was set.
#[derive(Debug, Clone, Default)]
pub struct Seen {
    /// Calls that may change something.
    pub writes: Vec<Call>,
    /// Calls that only look.
    pub reads: Vec<Call>,
    /// The call that the first fault met.
    pub met: Option<Call>,
    /// How many faults fired.
    pub fired: usize,
}

/// An answer that was given.
#[derive(Debug, Clone)]
struct Past {
    status: u16,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

/// What becomes of a call.
enum Verdict {
    Pass,
    Answer(Box<Answer>),
    PassAndLose,
    Kill { after: bool },
    Meddle(Meddling),
}

impl Wire {
    /// A wire that changes nothing yet.
    pub fn new() -> Self {
        let usual = aws_smithy_http_client::Builder::new().build_http();
        Self { usual, turn: Arc::default(), script: Arc::default() }
    }

    /// The client that the SDK is given.
    pub fn client(&self) -> SharedHttpClient {
        SharedHttpClient::new(self.clone())
    }

    /// Lets these faults happen from now on; counts from nothing.
    pub fn arm(
        &self,
        faults: &[Fault],
        kill: &CancellationToken,
        stop: &CancellationToken,
        meddling: Meddling,
    ) {
        let (kill, stop) = (kill.clone(), stop.clone());
        self.set(Script {
            faults: faults.to_vec(),
            kill,
            stop,
            meddling: Some(meddling),
            ..Script::default()
        });
    }

    /// No more faults; what was seen.
    pub async fn disarm(&self) -> Seen {
        // A call that is under way is done, even if nobody waits for it any more.
        let _turn = self.turn.lock().await;
        self.set(Script::default()).seen
    }

    fn set(&self, script: Script) -> Script {
        std::mem::replace(&mut *self.script.lock().unwrap_or_else(PoisonError::into_inner), script)
    }

    fn verdict(&self, call: &Call) -> Verdict {
        self.script.lock().unwrap_or_else(PoisonError::into_inner).verdict(call)
    }

    fn note(&self, call: &Call, past: &Past) {
        let mut script = self.script.lock().unwrap_or_else(PoisonError::into_inner);
        if !call.writes {
            script.past.insert(call.question.clone(), past.clone());
        }
    }

    async fn pass(self, connector: SharedHttpConnector, request: HttpRequest, call: Call) -> Answer {
        let turn = Arc::clone(&self.turn).lock_owned().await;
        let verdict = self.verdict(&call);
        if let Verdict::Meddle(meddling) = &verdict {
            meddling().await;
        }
        match verdict {
            Verdict::Answer(answer) => *answer,
            Verdict::Kill { after: false } => std::future::pending().await,
            verdict => {
                let wire = self.clone();
                let kill = matches!(verdict, Verdict::Kill { .. });
                // In a task of its own: who is killed does not take back what is under way.
                let task = tokio::spawn(async move {
                    let answer = connector.call(request).await;
                    let past = match answer {
                        Ok(answer) => Past::of(answer).await,
                        Err(error) => return Err(error),
                    }?;
                    wire.note(&call, &past);
                    if kill {
                        wire.killed();
                    }
                    drop(turn);
                    past.answer()
                });
                let answer = task.await.map_err(|error| ConnectorError::other(error.into(), None))?;
                match verdict {
                    Verdict::PassAndLose => Err(fault::broken()),
                    Verdict::Kill { .. } => std::future::pending().await,
                    _ => answer,
                }
            }
        }
    }

    fn killed(&self) {
        self.script.lock().unwrap_or_else(PoisonError::into_inner).kill.cancel();
    }
}

impl Script {
    fn verdict(&mut self, call: &Call) -> Verdict {
        let list = if call.writes { &mut self.seen.writes } else { &mut self.seen.reads };
        list.push(call.clone());
        let count = list.len();
        if self.cut_off {
            return Verdict::Answer(Box::new(Err(fault::broken())));
        }
        if self.denied.contains(&call.name()) {
            return Verdict::Answer(Box::new(Ok(fault::denied(call))));
        }
        if let Some((mode, left)) = self.again.get_mut(&call.question).filter(|(_, left)| *left > 0) {
            *left -= 1;
            return match mode {
                Mode::LostForGood => Verdict::Answer(Box::new(Err(fault::broken()))),
                _ => Verdict::Answer(Box::new(Ok(fault::throttled(call)))),
            };
        }
        if let Some(left) = self.stale.get_mut(&call.question).filter(|left| **left > 0)
            && let Some(past) = self.past.get(&call.question)
        {
            *left -= 1;
            return Verdict::Answer(Box::new(past.answer()));
        }
        let fault = self.faults.iter().position(|fault| fault.writes == call.writes && fault.k == count);
        match fault.map(|index| self.faults.remove(index)) {
            Some(fault) => self.fire(fault, call),
            None => Verdict::Pass,
        }
    }

    fn fire(&mut self, fault: Fault, call: &Call) -> Verdict {
        self.seen.fired += 1;
        self.seen.met.get_or_insert_with(|| call.clone());
        let mut again = |mode, times| self.again.insert(call.question.clone(), (mode, times));
        match fault.mode {
            Mode::Refused => Verdict::Answer(Box::new(Ok(fault::refused(call)))),
            Mode::Lost => Verdict::PassAndLose,
            Mode::LostForGood => {
                again(fault.mode, fault::LONG);
                Verdict::PassAndLose
            }
            Mode::ThrottledBriefly | Mode::ThrottledLong => {
                let times = if fault.mode == Mode::ThrottledLong { fault::LONG } else { fault::BRIEFLY };
                again(fault.mode, times - 1);
                Verdict::Answer(Box::new(Ok(fault::throttled(call))))
            }
            Mode::Denied => {
                self.denied.push(call.name());
                Verdict::Answer(Box::new(Ok(fault::denied(call))))
            }
            Mode::EverythingFromHere => {
                self.cut_off = true;
                Verdict::Answer(Box::new(Err(fault::broken())))
            }
            Mode::TimedOut => Verdict::Answer(Box::new(Err(fault::timed_out()))),
            Mode::Stale => {
                self.stale =
                    self.past.keys().map(|question| (question.clone(), fault::STALE_READS)).collect();
                Verdict::Pass
            }
            Mode::Conflict => Verdict::Answer(Box::new(Ok(fault::conflict(call)))),
            Mode::KilledBefore => {
                self.kill.cancel();
                Verdict::Kill { after: false }
            }
            Mode::KilledAfter => Verdict::Kill { after: true },
            Mode::Stop => {
                self.stop.cancel();
                Verdict::Pass
            }
            Mode::Drift => self.meddling.clone().map_or(Verdict::Pass, Verdict::Meddle),
        }
    }
}

impl Past {
    async fn of(mut answer: HttpResponse) -> Result<Self, ConnectorError> {
        let body = ByteStream::new(answer.take_body()).collect().await;
        let body = body.map_err(|error| ConnectorError::io(error.into()))?.to_vec();
        let headers =
            answer.headers().iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        Ok(Self { status: answer.status().as_u16(), headers, body })
    }

    fn answer(&self) -> Answer {
        let status =
            self.status.try_into().map_err(|_| ConnectorError::user("a status that is none".into()))?;
        let mut answer = HttpResponse::new(status, SdkBody::from(self.body.clone()));
        for (name, value) in &self.headers {
            answer.headers_mut().append(name.clone(), value.clone());
        }
        Ok(answer)
    }
}

#[derive(Debug)]
struct Wired {
    wire: Wire,
    connector: SharedHttpConnector,
}

impl HttpClient for Wire {
    fn http_connector(
        &self,
        settings: &HttpConnectorSettings,
        components: &RuntimeComponents,
    ) -> SharedHttpConnector {
        let connector = self.usual.http_connector(settings, components);
        SharedHttpConnector::new(Wired { wire: self.clone(), connector })
    }
}

impl HttpConnector for Wired {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let call = Call::of(&request);
        HttpConnectorFuture::new(self.wire.clone().pass(self.connector.clone(), request, call))
    }
}
