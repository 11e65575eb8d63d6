//! Contexts named in one word: `serial`, `threads`, `threads:4`, `processes`, `processes:4`, `residents`, `residents:4`.

use std::str::FromStr;

use super::Context;
use crate::error::{Error, ErrorKind, Result};

impl FromStr for Context {
    type Err = Error;

    fn from_str(word: &str) -> Result<Self> {
        let refuse = |why: &str| {
            let message = format!(
                "{word:?} is not a context: {why}; write serial, threads, threads:N, processes, processes:N, residents or residents:N"
            );
            Error::new(ErrorKind::Argument, message)
        };
        let (name, workers) = match word.trim().split_once(':') {
            None => (word.trim(), None),
            Some((name, number)) => {
                let number = number
                    .parse::<usize>()
                    .map_err(|cause| refuse(&format!("{number:?} is not a number of workers")).caused_by(cause))?;
                (name, Some(number))
            }
        };
        match (name, workers) {
            ("serial", None | Some(1)) => Ok(Context::serial()),
            ("serial", Some(_)) => Err(refuse("a serial context has one worker")),
            ("threads", None) => Context::threads().build(),
            ("threads", Some(workers)) => Context::threads().workers(workers).build(),
            ("processes", None) => Context::processes().build(),
            ("processes", Some(workers)) => Context::processes().workers(workers).build(),
            ("residents", None) => Context::processes().resident().build(),
            ("residents", Some(workers)) => Context::processes().workers(workers).resident().build(),
            _ => Err(refuse("there is no context of that name")),
        }
    }
}
