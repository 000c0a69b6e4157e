//! Answers of 429 and 503 on demand.

use std::sync::{Arc, Mutex, PoisonError};

use crate::error::{Error, Result};

/// The planned trouble. Cheap to clone.
#[derive(Clone, Default)]
pub struct Trouble(Arc<Mutex<Option<Planned>>>);

struct Planned {
    calls: u32,
    status: u16,
}

impl Trouble {
    /// Makes the next `calls` calls answer `status`: 429 or 503.
    ///
    /// # Errors
    /// `Invalid` for another status.
    pub fn plan(&self, calls: u32, status: u16) -> Result<()> {
        if !matches!(status, 429 | 503) {
            return Err(Error::invalid("Field next_calls.status is 429 or 503."));
        }
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(Planned { calls, status });
        Ok(())
    }

    /// Whether the next call gets trouble.
    pub(crate) fn is_planned(&self) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).as_ref().is_some_and(|trouble| trouble.calls > 0)
    }

    pub(crate) fn pass(&self) -> Result<()> {
        let mut planned = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(trouble) = planned.as_mut().filter(|trouble| trouble.calls > 0) else { return Ok(()) };
        trouble.calls -= 1;
        if trouble.status == 429 {
            Err(Error::too_many("This answer was asked for: too many calls.", 1))
        } else {
            Err(Error::unavailable("This answer was asked for: not available.", 1))
        }
    }
}
