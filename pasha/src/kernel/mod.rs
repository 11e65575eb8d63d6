//! Kernels: a function for one item, with the arrays it writes.
//!
//! `#[pasha::kernel]` writes the implementations here; each parameter attribute means one type of this folder.

use std::fmt;

use crate::functor::{Functor, Item};

mod binds;
mod lent;
mod out;
mod param;
mod per_worker;
mod ranges;
mod reduce;
mod scratch;
#[cfg(test)]
mod test;
mod way;

pub use binds::{Binds, Terms};
#[doc(hidden)]
pub use lent::{Lend, Lent, Passage};
pub use out::Out;
pub use param::{Given, Param};
pub use per_worker::PerWorker;
pub use ranges::OutRanges;
pub use reduce::{Fold, Max, Min, Reduce, Sum, With};
pub use scratch::Scratch;
#[doc(hidden)]
pub use way::Way;

/// A function bound to its arrays: the struct that `#[pasha::kernel]` writes beside the function.
///
/// It can be written by hand, in safe code; the kernel gets its slots and nothing else:
///
/// ```
/// use pasha::kernel::{Kernel, Out, Plain, Slots, Takes};
/// use pasha::prelude::*;
///
/// struct Triple<'k> {
///     tripled: &'k mut SharedArray<f64, pasha::Ix1>,
/// }
///
/// impl<'k> Kernel for Triple<'k> {
///     type Binds = (Out<'k, &'k mut f64>, ());
///
///     fn bind(self) -> Self::Binds {
///         (Out::new(self.tripled, "tripled", 0), ())
///     }
/// }
///
/// impl<'v> Takes<&'v f64> for Triple<'_> {
///     type Output = Plain<()>;
///
///     fn call(_worker: usize, _index: usize, value: &'v f64, Slots((tripled, ())): Slots<'_, Self::Binds>) -> Plain<()> {
///         *tripled = 3.0 * value;
///         Plain(())
///     }
/// }
///
/// let ctx = Context::serial();
/// let mut tripled = ctx.alloc::<f64>().shape(2).build()?;
/// ctx.map(Triple { tripled: &mut tripled }, &[1.0, 2.0])?;
/// assert_eq!(tripled.to_vec(), [3.0, 6.0]);
/// # Ok::<(), pasha::Error>(())
/// ```
#[diagnostic::on_unimplemented(
    message = "this is not a bound kernel",
    label = "not a bound kernel",
    note = "a kernel is bound by a struct literal with one field for each parameter that has an attribute: `name {{ output: &mut array }}`"
)]
pub trait Kernel: Sized {
    /// What its parameters with attributes are at run time: a list `(A, (B, ()))`.
    type Binds: Binds;

    /// Hands over the arrays.
    fn bind(self) -> Self::Binds;
}

/// A kernel that takes items of type `I`.
#[diagnostic::on_unimplemented(
    message = "the kernel `{Self}` does not take items of type `{I}`",
    label = "this functor gives items of type `{I}`",
    note = "the item is what stands between the index and the first parameter with an attribute; several parameters take a tuple apart"
)]
pub trait Takes<I>: Kernel {
    /// What the function returns.
    type Output: Outcome;

    /// Calls the function for one item.
    fn call(worker: usize, index: usize, item: I, slots: Slots<'_, Self::Binds>) -> Self::Output;
}

/// What one call of a kernel may write, for the time of the call.
pub struct Slots<'s, B: Binds + 's>(pub B::At<'s>);

impl<'s, B: Binds + 's> fmt::Debug for Slots<'s, B>
where
    B::At<'s>: fmt::Debug,
{
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Slots").field(&self.0).finish()
    }
}

/// What a kernel may return: nothing or a value, as it is or in a `Result` whose error can be displayed.
#[diagnostic::on_unimplemented(
    message = "a kernel cannot return `{Self}`",
    label = "not a value that a kernel can return",
    note = "return nothing, a value, or a `Result` of these with an error that implements `Display`"
)]
pub trait Outcome {
    /// The value of an item, if nothing failed.
    type Value;

    /// The value, or what to say of the failure.
    #[doc(hidden)]
    fn outcome(self) -> Result<Self::Value, String>;
}

impl<T, E: fmt::Display> Outcome for Result<T, E> {
    type Value = T;

    #[inline]
    fn outcome(self) -> Result<T, String> {
        // Not inlined into the loop over items: it makes text.
        self.map_err(|error| describe(&error))
    }
}

/// The outcome of a function that does not return a `Result`.
#[derive(Clone, Copy, Debug)]
pub struct Plain<T>(pub T);

impl<T> Outcome for Plain<T> {
    type Value = T;

    #[inline]
    fn outcome(self) -> Result<T, String> {
        Ok(self.0)
    }
}

/// A functor whose items the kernel `K` takes. Implemented for all of them, and nowhere else.
///
/// It says what [`Takes`] says, from the functor's side: the compiler then looks at the functor first, and infers the kernel's types from it.
#[diagnostic::on_unimplemented(
    message = "the items of `{Self}` are not what this kernel takes",
    label = "the items of this functor are not what the kernel takes",
    note = "the item is what stands between the index and the first parameter with an attribute"
)]
pub trait Feeds<K: Kernel>: Functor {
    /// The value of an item.
    type Value;

    /// What the function returns for an item.
    type Output: Outcome<Value = Self::Value>;

    /// Calls the function for one item.
    #[doc(hidden)]
    fn feed(worker: usize, index: usize, item: Item<'_, Self>, slots: Slots<'_, K::Binds>) -> Self::Output;

    #[doc(hidden)]
    fn seal(_: sealed::Seal);
}

impl<F: Functor + ?Sized, K: Kernel, O: Outcome> Feeds<K> for F
where
    K: for<'i> Takes<Item<'i, F>, Output = O>,
{
    type Value = O::Value;
    type Output = O;

    #[inline]
    fn feed(worker: usize, index: usize, item: Item<'_, F>, slots: Slots<'_, K::Binds>) -> O {
        K::call(worker, index, item, slots)
    }

    fn seal(_: sealed::Seal) {}
}

/// A functor whose items the kernel `K` takes, and returns nothing for: what can be mapped rather than collected.
///
/// A bound on [`Feeds::Value`] would say the same, and each mistake twice. The words for a mistake are those of [`Feeds`]: the compiler
/// takes them from the trait that is asked for, not from what that trait is built on.
#[diagnostic::on_unimplemented(
    message = "the items of `{Self}` are not what this kernel takes",
    label = "the items of this functor are not what the kernel takes",
    note = "the item is what stands between the index and the first parameter with an attribute"
)]
pub trait Maps<K: Kernel>: Functor {
    /// Calls the function for an item.
    #[doc(hidden)]
    fn run(worker: usize, index: usize, item: Item<'_, Self>, slots: Slots<'_, K::Binds>) -> Result<(), String>;

    #[doc(hidden)]
    fn seal(_: sealed::Seal);
}

impl<F: Functor + ?Sized, K: Kernel, O: Outcome> Maps<K> for F
where
    K: for<'i> Takes<Item<'i, F>, Output = O>,
    O::Value: Nothing,
{
    #[inline]
    fn run(worker: usize, index: usize, item: Item<'_, F>, slots: Slots<'_, K::Binds>) -> Result<(), String> {
        K::call(worker, index, item, slots).outcome().map(drop)
    }

    fn seal(_: sealed::Seal) {}
}

/// What a kernel leaves to `map`: `()`.
#[diagnostic::on_unimplemented(
    message = "this kernel returns a value, `{Self}`, and `map` has no place for it",
    label = "a value for each item",
    note = "`collect` gathers the values of all items in an array",
    note = "an alias of `Result` is not seen to be one: write `Result<(), E>` in the kernel"
)]
pub trait Nothing: sealed::Nothing {}

impl Nothing for () {}

mod sealed {
    /// What a trait asks of its implementations that only this crate can write, since nobody else can name it.
    #[derive(Debug)]
    pub struct Seal;

    pub trait Nothing {}

    impl Nothing for () {}
}

#[cold]
fn describe(error: &dyn fmt::Display) -> String {
    error.to_string()
}
