//! "Contexts and arrays": what the words and the defaults mean.

use std::thread::available_parallelism;

use pasha::prelude::*;

pub(crate) fn words() -> pasha::Result<()> {
    let all = available_parallelism().map_or(1, usize::from);
    for (word, name) in [
        ("serial", "serial".to_owned()),
        ("threads", format!("threads:{all}")),
        ("processes", format!("processes:{all}")),
    ] {
        assert_eq!(word.parse::<Context>()?.to_string(), name);
    }
    for word in ["threads:2", "processes:2"] {
        assert_eq!(word.parse::<Context>()?.to_string(), word);
    }
    Ok(())
}

pub(crate) fn default() -> pasha::Result<()> {
    let expected = match std::env::var("PASHA_CONTEXT") {
        Ok(word) => word.parse::<Context>()?,
        Err(_) => Context::processes().build()?,
    };
    assert_eq!(pasha::default_context()?.to_string(), expected.to_string());
    Ok(())
}
