//! A case: a sentence, and a function that panics if it is not true.

use super::Setting;

/// One test of a suite.
#[derive(Clone, Copy, Debug)]
pub struct Case {
    /// The module and the sentence.
    pub name: &'static str,
    /// Panics if the sentence does not hold in this setting.
    pub run: fn(&Setting),
}

/// Makes the list `CASES` of functions, each of which takes `&Context` or `&Setting`.
macro_rules! cases {
    ($($case:ident),* $(,)?) => {
        pub(crate) const CASES: &[$crate::support::Case] = &[$($crate::support::Case {
            name: concat!(module_path!(), "::", stringify!($case)),
            run: |setting| $case(setting.as_ref()),
        }),*];
    };
}

pub(crate) use cases;
