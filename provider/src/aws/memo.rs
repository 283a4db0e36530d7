//! Answers that several objects need, asked for once.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::OnceCell;

use super::AwsError;

/// Values by key; the first to ask for a key calls AWS, the others wait for its answer. A failure is not remembered.
#[derive(Debug)]
pub struct Memo<V> {
    cells: Mutex<HashMap<String, Arc<OnceCell<V>>>>,
}

impl<V> Default for Memo<V> {
    fn default() -> Self {
        Self { cells: Mutex::default() }
    }
}

impl<V: Clone> Memo<V> {
    /// The value of the key, from `ask` when nobody has asked before.
    ///
    /// # Errors
    /// The error of `ask`.
    pub async fn get<F: Future<Output = Result<V, AwsError>>>(
        &self,
        key: &str,
        ask: impl FnOnce() -> F,
    ) -> Result<V, AwsError> {
        let cell = {
            // Nothing is left half done in the map by whoever panicked.
            let mut cells = self.cells.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(cells.entry(key.to_owned()).or_default())
        };
        cell.get_or_try_init(ask).await.cloned()
    }

    /// Makes a value known without asking.
    pub fn put(&self, key: &str, value: V) {
        let cell = Arc::new(OnceCell::new_with(Some(value)));
        self.cells.lock().unwrap_or_else(PoisonError::into_inner).insert(key.to_owned(), cell);
    }

    /// Asks again the next time.
    pub fn forget(&self, key: &str) {
        self.cells.lock().unwrap_or_else(PoisonError::into_inner).remove(key);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use super::*;

    #[tokio::test]
    async fn each_key_is_asked_for_once_and_a_failure_again() {
        let (memo, asked) = (Memo::default(), AtomicU32::new(0));
        let ask = |answer: Result<u32, AwsError>| {
            asked.fetch_add(1, Ordering::Relaxed);
            async { answer }
        };
        let broken = AwsError::ours("x:Y", "Broken", "");
        assert!(memo.get("a", || ask(Err(broken))).await.is_err());
        let both = tokio::join!(memo.get("a", || ask(Ok(1))), memo.get("a", || ask(Ok(2))));
        assert_eq!((both.0.ok(), both.1.ok()), (Some(1), Some(1)));
        assert_eq!(memo.get("b", || ask(Ok(3))).await.ok(), Some(3));
        assert_eq!(asked.load(Ordering::Relaxed), 3);
        memo.put("a", 4);
        assert_eq!(memo.get("a", || ask(Ok(5))).await.ok(), Some(4));
        memo.forget("a");
        assert_eq!(memo.get("a", || ask(Ok(6))).await.ok(), Some(6));
    }
}
