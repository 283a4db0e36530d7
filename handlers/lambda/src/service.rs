//! What an invocation does: every message of its batch by itself, and only the failed ones back to the queue.

use std::panic::AssertUnwindSafe;
use std::time::{Duration, SystemTime};

use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent, SqsMessage};
use futures::{FutureExt, StreamExt, stream};
use lambda_runtime::{Error, LambdaEvent};
use tracing::{Instrument, Span, field};

use crate::failure::Failure;
use crate::pipeline::{Handler, Pipeline};
use crate::ports::Ports;
use crate::requests::Turn;
use crate::{aws, inbound, ingest, poison, quality, requests, retry, validate};

/// Less time than this is not enough to begin with another message.
const LEAST_TIME: Duration = Duration::from_secs(1);

/// One handler of one pipeline and its world.
pub struct Service {
    handler: Handler,
    pipeline: Pipeline,
    ports: Ports,
}

/// What is the same for all messages of a batch.
#[derive(Debug, Clone)]
pub struct Invocation {
    /// Lambda's request id.
    pub request_id: String,
    /// When Lambda ends it.
    pub deadline: SystemTime,
}

impl Service {
    /// The service the environment describes, with AWS as its world.
    ///
    /// # Errors
    /// When the handler's name or the pipeline's document cannot be used.
    pub async fn from_environment() -> Result<Self, Error> {
        let handler = Handler::from_environment()?;
        let pipeline = Pipeline::load()?;
        let ports = aws::ports(&pipeline.spec).await;
        Ok(Self::new(handler, pipeline, ports))
    }

    /// A service in any world.
    #[must_use]
    pub fn new(handler: Handler, pipeline: Pipeline, ports: Ports) -> Self {
        Self { handler, pipeline, ports }
    }

    /// Handles one invocation.
    ///
    /// # Errors
    /// When a message failed that has no id to report it by: then the whole batch is tried again.
    pub async fn invoke(&self, event: LambdaEvent<SqsEvent>) -> Result<SqsBatchResponse, Error> {
        let (batch, context) = event.into_parts();
        let invocation = Invocation { deadline: context.deadline(), request_id: context.request_id };
        self.batch(batch, &invocation).await
    }

    /// Handles one batch.
    ///
    /// # Errors
    /// As [`invoke`](Self::invoke).
    pub async fn batch(&self, batch: SqsEvent, invocation: &Invocation) -> Result<SqsBatchResponse, Error> {
        let messages = batch.records.into_iter().map(|message| self.message(message, invocation));
        let failed: Vec<Option<String>> = stream::iter(messages)
            .buffer_unordered(self.concurrency())
            .filter_map(|id| async move { id })
            .collect()
            .await;
        let mut response = SqsBatchResponse::default();
        for id in failed {
            response.add_failure(id.ok_or("a message without an id failed")?);
        }
        Ok(response)
    }

    /// Messages handled at a time: a pass over an object has all the memory and both processors to itself.
    fn concurrency(&self) -> usize {
        match self.handler {
            Handler::Ingest | Handler::Quality => 8,
            Handler::Validate => 1,
        }
    }

    /// Handles one message; its id if it failed.
    async fn message(&self, message: SqsMessage, invocation: &Invocation) -> Option<Option<String>> {
        let span = self.span(&message, invocation);
        let handled = async {
            // A panic is a bug met by one message: it must not take the others with it.
            let result = AssertUnwindSafe(self.handle(&message, invocation)).catch_unwind().await;
            let result =
                result.unwrap_or_else(|_| Err(Failure::Transient("the handler panicked".to_owned())));
            if let Err(failure) = &result {
                tracing::error!(%failure, "message goes back to its queue");
                retry::later(&*self.ports.queue, &message).await;
            }
            result
        };
        handled.instrument(span).await.err().map(|_| message.message_id)
    }

    fn span(&self, message: &SqsMessage, invocation: &Invocation) -> Span {
        tracing::info_span!(
            "message",
            handler = self.handler.name(),
            request_id = invocation.request_id,
            message_id = message.message_id,
            spec_hash = self.pipeline.spec_hash,
            process_id = field::Empty,
        )
    }

    async fn handle(&self, message: &SqsMessage, invocation: &Invocation) -> Result<(), Failure> {
        if self.ports.clock.now() + LEAST_TIME > invocation.deadline {
            return Err(Failure::Transient("not enough time left in this invocation".to_owned()));
        }
        let (id, body) = (message.message_id.as_deref().unwrap_or(""), message.body.as_deref().unwrap_or(""));
        match self.dispatch(message, invocation).await {
            Err(Failure::Poison(reason)) => {
                tracing::error!(reason, "message cannot be handled, and is kept in quarantine");
                poison::keep(&self.ports, &self.pipeline, self.handler, (id, body), &reason).await
            }
            result => result,
        }
    }

    async fn dispatch(&self, message: &SqsMessage, invocation: &Invocation) -> Result<(), Failure> {
        let (ports, pipeline) = (&self.ports, &self.pipeline);
        let body = message.body.as_deref().unwrap_or("");
        match self.handler {
            Handler::Ingest => match inbound::asked(body)? {
                Some(asked) => {
                    let queue_arn = message.event_source_arn.as_deref().unwrap_or("");
                    let turn = Turn { queue_arn, deadline: invocation.deadline };
                    requests::handle(ports, pipeline, &asked, turn).await
                }
                None => ingest::handle(ports, pipeline, body).await,
            },
            Handler::Quality => quality::handle(ports, pipeline, body).await,
            Handler::Validate => {
                let id = message.message_id.as_deref().unwrap_or("");
                let delivery = format!("{}/{id}", invocation.request_id);
                validate::handle(ports, pipeline, body, &delivery, invocation.deadline).await
            }
        }
    }
}
