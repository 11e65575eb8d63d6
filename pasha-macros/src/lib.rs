//! The macros of pasha: the attribute `#[kernel]` and the derive `Functor`.
//!
//! Both go the same way: attributes are read (`attr`), with the item they become a model (`model`), the model is held
//! against the rules (`check`) and written out (`expand`). All mistakes are collected and reported at once; beside them
//! stands a fallback, so that a mistake is not reported a second time where the item is used.
//!
//! There is no run-time logic here: the expansions name what they need through `pasha::__private`.

mod crate_path;
mod demand;
mod errors;
mod functor;
mod generics;
#[cfg(test)]
mod golden;
mod kernel;
mod lifetimes;
#[cfg(test)]
mod mistakes;
mod options;
mod place;
mod types;

use proc_macro::TokenStream;

/// Makes a function a kernel: something that can be mapped over a functor.
///
/// ```
/// /// Multiplies each value by 3.
/// #[pasha::kernel]
/// fn triple_it(_worker_id: usize, _index: usize, value: &f64, #[out] tripled: &mut f64) {
///     *tripled = 3.0 * value;
/// }
///
/// let inp = vec![1.0, 2.0, 3.0];
/// let mut tripled = pasha::alloc_like(&inp)?;
/// pasha::map(triple_it { tripled: &mut tripled }, &inp)?;
/// assert_eq!(tripled[2], 9.0);
///
/// // It is still a function, to be called and tested as one.
/// let mut nine = 0.0;
/// triple_it(0, 0, &3.0, &mut nine);
/// assert_eq!(nine, 9.0);
/// # Ok::<(), pasha::Error>(())
/// ```
///
/// Beside the function there is then a struct of the same name, as visible as the function, with a public field for
/// each parameter that has an attribute. A literal of this struct binds the kernel to its arrays, and that is what is
/// mapped. In documentation the function is linked as ``[`triple_it()`]`` and the struct as ``[`struct@triple_it`]``.
///
/// # Parameters
///
/// The first parameter is the id of the worker, the second the index of the item; both are `usize`. The rest may stand in
/// any order. Those without an attribute are the item: a single one is the functor's item itself, several take its tuple
/// apart (`train_id: u64, frame: ArrayView2<'_, u16>`), and they can be patterns (`&value: &f64`). Of several, none is `&mut`, which would
/// be an output without its attribute; an item that lends something to be changed is taken whole: `(id, frame): (u64, &mut [u16])`.
/// The others are
///
/// | written | the kernel gets | the field | who writes where |
/// |---|---|---|---|
/// | `#[out] x: &mut T` | its own element | `&mut SharedArray<T, Ix1>` | slot `index` of axis 0 |
/// | `#[out] x: &mut [T]` | its own row | `&mut SharedArray<T, Ix2>`, with contiguous rows | the same |
/// | `#[out] x: ArrayViewMut<'_, T, D>`, `ArrayViewMut1<'_, T>`, … | its own sub-array | `&mut SharedArray<T, D::Larger>` | the same |
/// | `#[out(axis = 1)] x: …` | a slot of another axis | the same | slot `index` of that axis |
/// | `#[out(ranges)] x: &mut [T]`, or a view | its own run of entries | `array.ranges(&offsets)?`, `array.ranges_along(Axis(1), &offsets)?` | `offsets[index]..offsets[index + 1]` |
/// | `#[out] x: Option<…>` | an output that a caller may leave out | `Option<…>` of the above | as above |
/// | `#[per_worker] x: …` | this worker's accumulator | `&mut SharedArray<…>` made with `.per_worker()` | slot `worker_id` |
/// | `#[reduce(sum)] x: …` | an accumulator of its own | `&mut SharedArray<…>` of the result's shape | nobody, until all is folded |
/// | `#[scratch] x: &mut S` | working memory, made on a worker when it takes up work | a closure that makes an `S` | this worker only |
/// | `#[param] x: T` | what every call is given | `T`, which is `Copy + Send + Sync` | nobody |
///
/// - The rank of an array is that of the slot (an element has none, a row has one), and one more where the slots are counted
///   by item or worker.
/// - Elements are plain data (`bytemuck::Pod`), as numbers are.
/// - A reduction is `sum`, `min`, `max`, or one of your own: `#[reduce(with = path, identity = value)]` with a function
///   `path: fn(&mut T, &T)`, which folds the second into the first. Without `identity` it starts at zero.
/// - Documentation on a parameter becomes that of the field.
///
/// # What a kernel returns
///
/// Nothing, or a value `T` that `collect` gathers; or a `Result` of these with an error that is `Display`, and the first
/// failing index becomes the error of the map. `Result` is known by its name: behind an alias with another name it is
/// taken for a value.
///
/// # Allocation
///
/// Each output `x` has an associated function `alloc_x(ctx, shape)`, which starts an array with the element type and the
/// rank that the kernel declares:
///
/// ```
/// # use ndarray::{Array3, ArrayView2};
/// # let ctx = pasha::Context::serial();
/// # let frames = Array3::<u16>::from_elem((3, 2, 2), 4);
/// #[pasha::kernel]
/// fn analyse(
///     _worker_id: usize,
///     _index: usize,
///     frame: ArrayView2<'_, u16>,
///     /// The mean of each frame.
///     #[out] mean: &mut f64,
///     /// How often each value is seen.
///     #[reduce(sum)] histogram: &mut [u64],
///     #[scratch] sorted: &mut Vec<u16>,
///     #[param] gain: f64,
/// ) -> Result<(), String> {
///     sorted.clear();
///     sorted.extend(frame);
///     sorted.sort_unstable();
///     if sorted.last() == Some(&u16::MAX) {
///         return Err("the frame is saturated".into());
///     }
///     for &value in frame {
///         histogram[usize::from(value)] += 1;
///         *mean += gain * f64::from(value) / frame.len() as f64;
///     }
///     Ok(())
/// }
///
/// let mut mean = analyse::alloc_mean(&ctx, 3).build()?;
/// let mut histogram = analyse::alloc_histogram(&ctx, 65_536).build()?;
/// ctx.map(analyse { mean: &mut mean, histogram: &mut histogram, sorted: Vec::new, gain: 1.5 }, &frames)?;
/// assert_eq!((mean[2], histogram[4]), (6.0, 12));
/// # Ok::<(), pasha::Error>(())
/// ```
///
/// # Generics
///
/// A kernel may be generic over types, constants and lifetimes; the struct has those that its fields use. Where nothing says
/// what they are, they are written: `copy::<u8>::alloc_copied(&ctx, 100)`.
///
/// ```
/// #[pasha::kernel]
/// fn copy<T: pasha::Element>(_worker_id: usize, _index: usize, value: &T, #[out] copied: &mut T) {
///     *copied = *value;
/// }
/// ```
///
/// # Options
///
/// `#[pasha::kernel(crate = path)]` says where pasha is, if it is not `::pasha`.
#[proc_macro_attribute]
pub fn kernel(options: TokenStream, item: TokenStream) -> TokenStream {
    kernel::expand(options.into(), item.into()).into()
}

/// Makes a struct or an enum of functors a functor.
///
/// # Structs
///
/// The fields are walked together by index, so they must have equally many items; the error of a map over fields that
/// do not names two of them. The item is a struct of the fields' items, `ShotsItem<'_>` for `Shots`, as visible as the type.
/// A kernel takes it whole, or takes it apart by a pattern. Fields are asked for one item each, index by index.
///
/// ```
/// use ndarray::prelude::*;
/// use pasha::Functor;
///
/// #[derive(Functor)]
/// struct Shots<'a> {
///     train_id: Vec<u64>,
///     #[functor(axis = 1)]
///     pixels: ArrayView3<'a, u16>,
///     #[functor(broadcast)]
///     gain: f64,
///     #[functor(skip)]
///     comment: String,
/// }
///
/// #[pasha::kernel]
/// fn brightness(_worker_id: usize, _index: usize, shot: ShotsItem<'_>, #[out] total: &mut f64) {
///     let ShotsItem { train_id: _, pixels, gain } = shot;
///     *total = gain * pixels.iter().map(|&value| f64::from(value)).sum::<f64>();
/// }
/// ```
///
/// | on a field | what the item has of it |
/// |---|---|
/// | nothing | the item of the field, which is a functor |
/// | `#[functor(axis = 1)]` | the slice at the index along this axis; the field is an array or a view |
/// | `#[functor(broadcast)]` | a reference to all of it, the same with every item |
/// | `#[functor(skip)]` | nothing |
///
/// A tuple struct has a tuple struct for its item. A tuple struct with one field that is not skipped is a newtype: its item
/// is the item of that field, and it is visited as that field is.
///
/// The types of the fields that are walked must be as visible as the struct. The lifetimes of the struct become the one of
/// the item; where the compiler cannot shorten a lifetime, as behind a `Mutex`, `impl Functor` is written by hand.
///
/// # Enums
///
/// Each variant holds one functor, next to any number of skipped fields, and all of them have the same type of item. The item
/// of the enum is that item, and it is visited as that functor is.
///
/// ```
/// use ndarray::Array3;
/// use pasha::prelude::*;
///
/// #[derive(Functor)]
/// enum Frames {
///     Own(Array3<u16>),
///     Shared {
///         frames: SharedArray<u16, pasha::Ix3>,
///         #[functor(skip)]
///         origin: String,
///     },
/// }
/// ```
///
/// # Generics
///
/// Type parameters are bounded where a field needs it: the type of a field that is walked is a functor, and all fields are
/// `Sync`. Only a field with both a lifetime and a type parameter, such as `&'a [T]` or `ArrayView2<'a, T>`, asks for bounds
/// on the struct: `T: Sync + 'static` in general.
///
/// # Options
///
/// `#[functor(item = Name)]` names the item of a struct. `#[functor(crate = path)]` says where pasha is, if it is not `::pasha`.
#[proc_macro_derive(Functor, attributes(functor))]
pub fn functor(input: TokenStream) -> TokenStream {
    functor::expand(input.into()).into()
}
