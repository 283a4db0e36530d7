//! The component laws: what the engine may rely on, tried with every kind and every field against the local cloud.
// A test may stop where it stands.
#![allow(clippy::expect_used)]

mod case;
mod catalog;
mod cloud;
mod compute;
mod coverage;
mod law;
mod messaging;
mod out_of_band;
mod permissions;
mod storage;

use std::error::Error;

use case::Case;
use cloud::Place;
use law::Trial;

/// Result of what may stop a trial.
type Done<T = ()> = Result<T, Box<dyn Error>>;

#[tokio::test]
async fn storage_obeys_the_laws() -> Done {
    obeyed("storage", &storage::cases(&cloud::scope()), out_of_band::storage).await
}

#[tokio::test]
async fn the_catalog_obeys_the_laws() -> Done {
    obeyed("catalog", &catalog::cases(&cloud::scope()), out_of_band::catalog).await
}

#[tokio::test]
async fn messaging_obeys_the_laws() -> Done {
    obeyed("messaging", &messaging::cases(&cloud::scope()), out_of_band::messaging).await
}

#[tokio::test]
async fn compute_obeys_the_laws() -> Done {
    obeyed("compute", &compute::cases(&cloud::scope()), out_of_band::compute).await
}

/// Makes the objects in order, meddles with them, and removes them in the opposite order.
async fn obeyed(group: &str, cases: &[Case], meddle: impl AsyncFnOnce(&mut Trial) -> Done) -> Done {
    let mut trial = Trial::new(Place::new(group, &permissions::of(cases)?).await?);
    for case in cases {
        Box::pin(trial.life(case)).await;
    }
    // What was found before is to be told all the same.
    if let Err(error) = Box::pin(meddle(&mut trial)).await {
        trial.broken.push(format!("what others do could not be tried: {error:?}"));
    }
    for case in cases.iter().rev() {
        Box::pin(trial.death(case)).await;
    }
    permissions::check(&mut trial, cases);
    println!("{group}: {} checks", trial.checks);
    assert!(trial.broken.is_empty(), "{} broken:\n  {}", trial.broken.len(), trial.broken.join("\n  "));
    Ok(())
}
