//! The only waits in the program: until something is visible, and while something is not ready. All end at the
//! deadline with an error that says what was waited for.

use std::time::Duration;

use tokio::sync::{Semaphore, SemaphorePermit};

use super::{AwsError, Cx, ErrorKind};

const FIRST_PAUSE: Duration = Duration::from_millis(50);
/// What AWS has only begun to do is never done at once: a look before is a call for nothing.
const PAUSE_FOR_WORK: Duration = Duration::from_millis(500);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);
/// What is only not visible yet is so after seconds, rarely a minute. What lasts longer is a mistake, a trust policy or
/// permission for instance, that looks the same.
const LONGEST_NOT_READY: Duration = Duration::from_secs(180);

/// Polls until `condition` gives a value.
///
/// # Errors
/// The poll's own error, or `TimedOut`/`Stopped` naming `what`.
pub async fn until<T, F: Future<Output = Result<Option<T>, AwsError>>>(
    cx: &Cx,
    operation: &'static str,
    what: &str,
    condition: impl Fn() -> F,
) -> Result<T, AwsError> {
    poll(cx, operation, what, FIRST_PAUSE, condition).await
}

async fn poll<T, F: Future<Output = Result<Option<T>, AwsError>>>(
    cx: &Cx,
    operation: &'static str,
    what: &str,
    mut pause: Duration,
    condition: impl Fn() -> F,
) -> Result<T, AwsError> {
    loop {
        if let Some(value) = condition().await? {
            return Ok(value);
        }
        sleep(cx, operation, what, pause).await?;
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
}

/// Polls like [`until`] for the end of what AWS has begun to do: the first time after a pause.
///
/// # Errors
/// Those of [`until`].
pub async fn until_done<T, F: Future<Output = Result<Option<T>, AwsError>>>(
    cx: &Cx,
    operation: &'static str,
    what: &str,
    condition: impl Fn() -> F,
) -> Result<T, AwsError> {
    while_working(cx, operation, what).await?;
    until_worked(cx, operation, what, condition).await
}

/// The pause that [`until_done`] begins with.
///
/// # Errors
/// `TimedOut`/`Stopped` naming `what`.
pub async fn while_working(cx: &Cx, operation: &'static str, what: &str) -> Result<(), AwsError> {
    sleep(cx, operation, what, PAUSE_FOR_WORK).await
}

/// What [`until_done`] does after that pause.
///
/// # Errors
/// Those of [`until`].
pub async fn until_worked<T, F: Future<Output = Result<Option<T>, AwsError>>>(
    cx: &Cx,
    operation: &'static str,
    what: &str,
    condition: impl Fn() -> F,
) -> Result<T, AwsError> {
    poll(cx, operation, what, PAUSE_FOR_WORK, condition).await
}

/// Repeats a call while it fails for a reason that passes: [`ErrorKind::Conflict`] until the deadline,
/// [`ErrorKind::NotReady`] for three minutes.
///
/// # Errors
/// Any other error at once; the last passing one when time is up.
pub async fn while_not_ready<T, F: Future<Output = Result<T, AwsError>>>(
    cx: &Cx,
    call: impl Fn() -> F,
) -> Result<T, AwsError> {
    let mut pause = FIRST_PAUSE;
    let ready_by = tokio::time::Instant::now() + LONGEST_NOT_READY;
    loop {
        match call().await {
            Err(error) if error.kind == ErrorKind::NotReady && tokio::time::Instant::now() >= ready_by => {
                return Err(error);
            }
            Err(error) if matches!(error.kind, ErrorKind::NotReady | ErrorKind::Conflict) => {
                if sleep(cx, error.operation, "", pause).await.is_err() {
                    return Err(error);
                }
                pause = (pause * 2).min(LONGEST_PAUSE);
            }
            result => return result,
        }
    }
}

/// Polls for three minutes for what was made, or seen, a moment ago: that it cannot be seen now does not mean there is
/// nothing to change.
///
/// # Errors
/// The poll's own error, or `NotVisible` naming `what`.
pub async fn until_visible<T, F: Future<Output = Result<Option<T>, AwsError>>>(
    cx: &Cx,
    operation: &'static str,
    what: &str,
    look: impl Fn() -> F,
) -> Result<T, AwsError> {
    while_not_ready(cx, || async {
        look().await?.ok_or_else(|| AwsError::not_visible(operation, format!("{what} cannot be seen")))
    })
    .await
}

/// Waits for a turn at what only a few may do at a time.
///
/// # Errors
/// `TimedOut`/`Stopped`.
pub async fn for_turn<'s>(
    cx: &Cx,
    operation: &'static str,
    turns: &'s Semaphore,
) -> Result<SemaphorePermit<'s>, AwsError> {
    let what = "others are done with the same call";
    tokio::select! {
        biased;
        Err(error) = sleep(cx, operation, what, Duration::MAX) => Err(error),
        turn = turns.acquire() => {
            turn.map_err(|error| AwsError::ours(operation, "Stopped", error.to_string()))
        }
    }
}

async fn sleep(cx: &Cx, operation: &'static str, what: &str, pause: Duration) -> Result<(), AwsError> {
    tokio::select! {
        () = cx.stop.cancelled() => Err(AwsError::ours(operation, "Stopped", format!("stopped while waiting until {what}"))),
        () = tokio::time::sleep_until(cx.deadline) => {
            Err(AwsError::ours(operation, "TimedOut", format!("time was up while waiting until {what}")))
        }
        () = tokio::time::sleep(pause) => Ok(()),
    }
}
