//! Parcels: what a map sends to resident workers, in memory that they see.
//!
//! A resident worker was forked before the map, and has nothing of what the host has made since but what lies in the [`Reserve`]. So what it is sent is
//! either without pointers, or every pointer leads into the reserve, or it is made anew in the worker from such parts. Who packs a value by
//! [`Parcel::plain`] proves that; where its pointers lead is checked here, whatever he says.

use std::any::TypeId;
use std::marker::PhantomData;
use std::mem::transmute;
use std::ops::{Range, RangeInclusive};
use std::ptr::NonNull;

use bytemuck::Pod;
use ndarray::{Array, ArrayBase, ArrayView, Data, Dimension, OwnedRepr, ViewRepr};

use super::memory::Span;
use super::reserve::{Reserve, Room};
use super::text::Text;
use crate::context::job::Failure;
use crate::context::resident::{Joined, Mission};
use crate::share::Lease;

/// Private memory up to this size, all together, is copied rather than refused.
pub(crate) const COPIED: usize = 1 << 20;

/// Room for what a map sends, and the reason why it cannot be sent.
pub struct Parcel<'m> {
    start: NonNull<u8>,
    bytes: usize,
    used: usize,
    /// Of private memory.
    copied: usize,
    reserve: &'static Reserve,
    text: &'m Text,
    refusal: Option<String>,
}

/// A value in a parcel: where it lies, and how it is taken out.
pub struct Packed<T> {
    at: NonNull<u8>,
    open: unsafe fn(NonNull<u8>, &mut Attic) -> T,
}

/// A value of no size that its owner keeps as long as the map.
pub struct Captureless<M>(PhantomData<fn() -> M>);

impl<M> Captureless<M> {
    pub(crate) fn get(&self) -> &M {
        // SAFETY: `captureless` has seen that it has no size: it is wherever one looks.
        unsafe { NonNull::<M>::dangling().as_ref() }
    }
}

impl<M> std::fmt::Debug for Captureless<M> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Captureless")
    }
}

impl<T> Clone for Packed<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Packed<T> {}

impl<T> std::fmt::Debug for Packed<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Packed").field("at", &self.at).finish_non_exhaustive()
    }
}

/// What was taken out of a parcel and is borrowed by what was taken out of it, too.
#[derive(Default)]
pub(crate) struct Attic {
    kept: Vec<(NonNull<u8>, Discard)>,
}

/// Drops what is kept at an address.
type Discard = unsafe fn(NonNull<u8>);

/// A packed job.
#[derive(Clone, Copy)]
pub(crate) struct Errand {
    at: NonNull<u8>,
    enter: unsafe fn(NonNull<u8>, Lease<'_>) -> Result<(), Failure>,
}

impl<'m> Parcel<'m> {
    /// Puts into a piece of the reserve that nobody else uses for `'m`.
    pub(crate) fn over(words: &'m mut super::words::Bytes, reserve: &'static Reserve, text: &'m Text) -> Self {
        let (start, bytes) = (words.start(), words.len());
        Self { start, bytes, used: 0, copied: 0, reserve, text, refusal: None }
    }

    /// Why what was packed cannot be sent, if it cannot.
    pub(crate) fn refusal(self) -> Option<String> {
        self.refusal
    }

    /// Says why something cannot be sent. The first reason stays.
    #[cold]
    pub(crate) fn refuse<T>(&mut self, why: impl FnOnce() -> String) -> Option<T> {
        self.refusal.get_or_insert_with(why);
        None
    }

    /// A value as it is.
    ///
    /// # Safety
    ///
    /// Every pointer in the value leads into one of the spans, and what it leads to has none. A copy of the value, in another process and for as long as
    /// the map lasts, is as good as the value.
    pub(crate) unsafe fn plain<T>(&mut self, value: T, reach: &[Span]) -> Option<Packed<T>> {
        if let Some(span) = reach.iter().find(|span| span.bytes > 0 && !self.sees(**span)) {
            return self.refuse(|| {
                format!(
                    "{} bytes at {:#x} are private to this process: allocate them by the resident context",
                    span.bytes, span.start
                )
            });
        }
        let at = self.put(value)?;
        self.wrap(at, read::<T>)
    }

    /// A value without pointers.
    pub(crate) fn pod<T: Pod>(&mut self, value: T) -> Option<Packed<T>> {
        // SAFETY: `Pod` has no pointers, and any copy of its bytes is a value.
        unsafe { self.plain(value, &[]) }
    }

    /// A number, if `T` is a type of numbers.
    pub(crate) fn number<T: Copy>(&mut self, value: T) -> Option<Packed<T>> {
        self.made_of::<T, _>(value)
    }

    /// A function, or a closure that captures nothing.
    pub(crate) fn captureless<M>(&mut self, _make: &M) -> Option<Packed<Captureless<M>>> {
        if size_of::<M>() != 0 {
            return self.refuse(|| "a `#[scratch]` closure captures variables of this process".to_owned());
        }
        // SAFETY: nothing has no pointers.
        unsafe { self.plain(Captureless(PhantomData), &[]) }
    }

    /// Nothing.
    pub(crate) fn nothing(&mut self) -> Option<Packed<()>> {
        self.pod(())
    }

    /// Some numbers where workers see them: as they are, or copied if they are private and not too many.
    pub(crate) fn slice<'a, T>(&mut self, values: &'a [T]) -> Option<Packed<&'a [T]>> {
        if !is_number::<T>() {
            let name = std::any::type_name::<T>();
            return self.refuse(|| format!("elements of type `{name}` may refer to private memory"));
        }
        let span = Span { start: values.as_ptr().addr(), bytes: size_of_val(values) };
        if span.bytes > 0 && self.sees(span) {
            // SAFETY: the slice leads to its elements, which are numbers.
            return unsafe { self.plain(values, &[span]) };
        }
        let copy = self.copy(values)?;
        // SAFETY: the copy lies in the parcel, which stays as long as the map.
        let values: &'a [T] = unsafe { NonNull::slice_from_raw_parts(copy, values.len()).as_ref() };
        // SAFETY: the slice leads into the parcel; its elements are numbers.
        unsafe { self.plain(values, &[Span { start: copy.addr().get(), bytes: span.bytes }]) }
    }

    /// A copy of some numbers, in a vector of the worker's own.
    pub(crate) fn vec<T>(&mut self, values: &[T]) -> Option<Packed<Vec<T>>> {
        let values = self.slice(values)?;
        self.make(values, |values| {
            let mut copy = Vec::with_capacity(values.len());
            // SAFETY: room for them, just made, and numbers are copied byte by byte.
            unsafe { std::ptr::copy_nonoverlapping(values.as_ptr(), copy.as_mut_ptr(), values.len()) };
            // SAFETY: so many were just written.
            unsafe { copy.set_len(values.len()) };
            copy
        })
    }

    /// An array of numbers.
    pub(crate) fn array<T, const N: usize>(&mut self, values: &[T; N]) -> Option<Packed<[T; N]>> {
        let values = self.slice(values)?;
        // SAFETY: the slice has as many, and numbers are copied byte by byte.
        self.make(values, |values| unsafe { values.as_ptr().cast::<[T; N]>().read() })
    }

    /// A range of numbers.
    pub(crate) fn range<N: Clone>(&mut self, range: &Range<N>) -> Option<Packed<Range<N>>> {
        self.made_of::<N, _>(range.clone())
    }

    /// As [`range`](Parcel::range).
    pub(crate) fn range_inclusive<N: Clone>(&mut self, range: &RangeInclusive<N>) -> Option<Packed<RangeInclusive<N>>> {
        self.made_of::<N, _>(range.clone())
    }

    /// A value that is made of some `N` and nothing else, if these are numbers.
    fn made_of<N, T>(&mut self, value: T) -> Option<Packed<T>> {
        if !is_number::<N>() {
            return self
                .refuse(|| format!("a value of type `{}` may refer to private memory", std::any::type_name::<N>()));
        }
        // SAFETY: numbers have no pointers.
        unsafe { self.plain(value, &[]) }
    }

    /// An array or a view of one: the view as it is if it is of a shared array; otherwise its numbers are copied.
    pub(crate) fn ndarray<S: Data, D: Dimension>(
        &mut self,
        array: &ArrayBase<S, D>,
    ) -> Option<Packed<ArrayBase<S, D>>> {
        if D::NDIM.is_none() {
            return self.refuse(|| "the number of axes of an array is known at run time only".to_owned());
        }
        if is::<S, ViewRepr<&S::Elem>>() {
            let view = self.view(array.view())?;
            // SAFETY: as just asked, the two types are one, and the view is of what `array` borrows.
            return Some(unsafe { view.recast() });
        }
        if !is::<S, OwnedRepr<S::Elem>>() {
            return self
                .refuse(|| "an array that is shared or borrowed in turns is private: give a view of it".to_owned());
        }
        let Some(values) = array.as_slice() else {
            return self.refuse(|| "an array in private memory is not in C order".to_owned());
        };
        let values = self.vec(values)?;
        // SAFETY: a dimension of fixed rank has no pointers.
        let dim = unsafe { self.plain(array.raw_dim(), &[]) }?;
        let both = self.both(dim, values)?;
        let array: Packed<Array<S::Elem, D>> = self.make(both, |(dim, values)| {
            Array::from_shape_vec(dim, values).expect("there are as many values as there were")
        })?;
        // SAFETY: as just asked, the two types are one.
        Some(unsafe { array.recast() })
    }

    /// A view.
    pub(crate) fn view<'a, T, D: Dimension>(
        &mut self,
        view: ArrayView<'a, T, D>,
    ) -> Option<Packed<ArrayView<'a, T, D>>> {
        if D::NDIM.is_none() {
            return self.refuse(|| "the number of axes of an array is known at run time only".to_owned());
        }
        let span = span_of(&view);
        if self.reserve.holds(Room::Arrays, span) {
            // SAFETY: what lies there are elements of shared arrays, which have no pointers, and nor has a dimension of fixed rank.
            return unsafe { self.plain(view, &[span]) };
        }
        let Some(values) = view.to_slice() else {
            return self.refuse(|| "a view of private memory is not in C order".to_owned());
        };
        let values = self.slice(values)?;
        // SAFETY: a dimension of fixed rank has no pointers.
        let dim = unsafe { self.plain(view.raw_dim(), &[]) }?;
        let both = self.both(dim, values)?;
        self.make(both, |(dim, values)| {
            ArrayView::from_shape(dim, values).expect("there are as many values as there were")
        })
    }

    /// Two values.
    pub fn both<A, B>(&mut self, a: Packed<A>, b: Packed<B>) -> Option<Packed<(A, B)>> {
        let at = self.put((a, b))?;
        self.wrap(at, read_both::<A, B>)
    }

    /// A value that workers make from another.
    ///
    /// # Safety
    ///
    /// `make` keeps nothing of what it is given but in what it returns.
    pub unsafe fn build<A, B>(&mut self, from: Packed<A>, make: fn(A) -> B) -> Option<Packed<B>> {
        self.make(from, make)
    }

    /// As [`build`](Parcel::build), for this crate, whose functions keep nothing.
    pub(crate) fn make<A, B>(&mut self, from: Packed<A>, make: fn(A) -> B) -> Option<Packed<B>> {
        self.knows(make as usize)?;
        let at = self.put((from, make))?;
        self.wrap(at, read_built::<A, B>)
    }

    /// A reference to a value that workers keep for the map. What it is given to must not keep it longer.
    pub(crate) fn lend<'a, T>(&mut self, value: Packed<T>) -> Option<Packed<&'a T>> {
        let at = self.put(value)?;
        self.wrap(at, read_lent::<T>)
    }

    /// Something or nothing.
    pub(crate) fn option<T>(&mut self, value: Option<Packed<T>>) -> Option<Packed<Option<T>>> {
        let at = self.put(value)?;
        self.wrap(at, read_option::<T>)
    }

    /// A function with what it is to be called with.
    pub(crate) fn errand<T>(
        &mut self,
        packed: Packed<T>,
        run: fn(T, Lease<'_>) -> Result<(), Failure>,
    ) -> Option<Errand> {
        self.knows(run as usize)?;
        let enter: unsafe fn(NonNull<u8>, Lease<'_>) -> Result<(), Failure> = enter::<T>;
        self.knows(enter as usize)?;
        let at = self.put((packed, run))?;
        Some(Errand { at: at.cast(), enter })
    }

    /// What only the host puts in, and takes out itself.
    pub(crate) fn put<T>(&mut self, value: T) -> Option<NonNull<T>> {
        let at = self.room(size_of::<T>(), align_of::<T>())?.cast::<T>();
        // SAFETY: room for it, aligned, that nobody else has.
        unsafe { at.write(value) };
        Some(at)
    }

    /// A copy of some values that the host alone sees to.
    pub(crate) fn keep<T>(&mut self, values: &[T]) -> Option<&'m [T]> {
        let at = self.lay(values)?;
        // SAFETY: they lie in the parcel, and are not changed for `'m`.
        Some(unsafe { NonNull::slice_from_raw_parts(at, values.len()).as_ref() })
    }

    /// So many bytes of private memory may still be copied.
    pub(crate) fn left_to_copy(&self) -> usize {
        COPIED.saturating_sub(self.copied)
    }

    /// A copy of some values of the user.
    fn copy<T>(&mut self, values: &[T]) -> Option<NonNull<T>> {
        let bytes = size_of_val(values);
        if bytes > self.left_to_copy() {
            return self.refuse(|| {
                format!("{bytes} bytes at {:p} are private to this process, too many to be copied for a map: allocate them by the resident context", values.as_ptr())
            });
        }
        self.copied += bytes;
        self.lay(values)
    }

    fn lay<T>(&mut self, values: &[T]) -> Option<NonNull<T>> {
        let at = self.room(size_of_val(values), align_of::<T>())?.cast::<T>();
        // SAFETY: room for them, aligned, that nobody else has.
        unsafe { at.copy_from_nonoverlapping(NonNull::from(values).cast(), values.len()) };
        Some(at)
    }

    fn room(&mut self, bytes: usize, align: usize) -> Option<NonNull<u8>> {
        // The piece begins on a page.
        let begin = self.used.next_multiple_of(align);
        let Some(end) = begin.checked_add(bytes).filter(|end| *end <= self.bytes) else {
            return self.refuse(|| "what the map is given is too much to be sent".to_owned());
        };
        self.used = end;
        // SAFETY: inside the piece, as just checked.
        Some(unsafe { self.start.add(begin) })
    }

    fn wrap<T>(&mut self, at: NonNull<impl Sized>, open: unsafe fn(NonNull<u8>, &mut Attic) -> T) -> Option<Packed<T>> {
        self.knows(open as usize)?;
        Some(Packed { at: at.cast(), open })
    }

    fn knows(&mut self, function: usize) -> Option<()> {
        if self.text.holds(function) {
            return Some(());
        }
        self.refuse(|| "its code was loaded after the workers were forked".to_owned())
    }

    fn sees(&self, span: Span) -> bool {
        let own = Span { start: self.start.addr().get(), bytes: self.bytes };
        self.reserve.holds(Room::Arrays, span)
            || (own.contains(span.start) && span.start + span.bytes <= own.start + own.bytes)
    }
}

impl std::fmt::Debug for Parcel<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { used, refusal, .. } = self;
        f.debug_struct("Parcel").field("used", used).field("refusal", refusal).finish_non_exhaustive()
    }
}

impl<T> Packed<T> {
    /// # Safety
    ///
    /// The parcel that it was put into is as it was, and stays so until the attic and what is returned are gone. Called in a worker of the map.
    unsafe fn open(self, attic: &mut Attic) -> T {
        // SAFETY: the caller promises what `open` asks for, and `at` is where its kind of value was put.
        unsafe { (self.open)(self.at, attic) }
    }

    /// The same for a type that differs in lifetimes only.
    ///
    /// # Safety
    ///
    /// `U` is `T` but for lifetimes, and what it borrows is there as long as the map.
    pub(crate) unsafe fn recast<U>(self) -> Packed<U> {
        // SAFETY: functions that return one or the other are the same function.
        let open = unsafe {
            transmute::<unsafe fn(NonNull<u8>, &mut Attic) -> T, unsafe fn(NonNull<u8>, &mut Attic) -> U>(self.open)
        };
        Packed { at: self.at, open }
    }
}

impl Errand {
    /// Does the part of one worker, which has joined the call that this came with.
    pub(crate) fn run(self, _: &Joined<'_>, lease: Lease<'_>) -> Result<(), Failure> {
        // SAFETY: the parcel of a call stays as it is until all who have joined it have left, and `enter` is what `at` was put for.
        unsafe { (self.enter)(self.at, lease) }
    }
}

/// What the workers of a call are to do.
pub(crate) fn mission<'j>(joined: &'j Joined<'_>) -> &'j Mission<'j> {
    let reserve = Reserve::get().expect("a worker's host has made it");
    let at = reserve.at(joined.mission()).cast::<Mission<'j>>();
    // SAFETY: the host has put it there before the call, into a parcel that stays as it is until all who have joined have left.
    unsafe { at.as_ref() }
}

impl Attic {
    fn keep<'a, T>(&mut self, value: T) -> &'a T {
        let kept = NonNull::from(Box::leak(Box::new(value)));
        self.kept.push((kept.cast(), discard::<T>));
        // SAFETY: it lives until the attic is dropped, after all that was taken out of the parcel.
        unsafe { kept.as_ref() }
    }
}

impl Drop for Attic {
    fn drop(&mut self) {
        for (value, discard) in self.kept.drain(..).rev() {
            // SAFETY: kept as this type, and nobody borrows it any more.
            unsafe { discard(value) };
        }
    }
}

/// # Safety
///
/// A `T` was put here.
unsafe fn read<T>(at: NonNull<u8>, _: &mut Attic) -> T {
    // SAFETY: the caller promises it.
    unsafe { at.cast::<T>().read() }
}

/// # Safety
///
/// What `both` puts was put here.
unsafe fn read_both<A, B>(at: NonNull<u8>, attic: &mut Attic) -> (A, B) {
    // SAFETY: the caller promises it.
    let (a, b) = unsafe { at.cast::<(Packed<A>, Packed<B>)>().read() };
    // SAFETY: they were put into the same parcel.
    let a = unsafe { a.open(attic) };
    // SAFETY: as above.
    (a, unsafe { b.open(attic) })
}

/// # Safety
///
/// What `build` puts was put here.
unsafe fn read_built<A, B>(at: NonNull<u8>, attic: &mut Attic) -> B {
    // SAFETY: the caller promises it.
    let (from, make) = unsafe { at.cast::<(Packed<A>, fn(A) -> B)>().read() };
    // SAFETY: it was put into the same parcel.
    make(unsafe { from.open(attic) })
}

/// # Safety
///
/// What `lend` puts was put here.
unsafe fn read_lent<'a, T>(at: NonNull<u8>, attic: &mut Attic) -> &'a T {
    // SAFETY: the caller promises it.
    let value = unsafe { at.cast::<Packed<T>>().read() };
    // SAFETY: it was put into the same parcel.
    let value = unsafe { value.open(attic) };
    attic.keep(value)
}

/// # Safety
///
/// What `option` puts was put here.
unsafe fn read_option<T>(at: NonNull<u8>, attic: &mut Attic) -> Option<T> {
    // SAFETY: the caller promises it.
    let value = unsafe { at.cast::<Option<Packed<T>>>().read() };
    // SAFETY: it was put into the same parcel.
    value.map(|value| unsafe { value.open(attic) })
}

/// # Safety
///
/// What `errand` puts was put here.
unsafe fn enter<T>(at: NonNull<u8>, lease: Lease<'_>) -> Result<(), Failure> {
    // SAFETY: the caller promises it.
    let (packed, run) = unsafe { at.cast::<(Packed<T>, fn(T, Lease<'_>) -> Result<(), Failure>)>().read() };
    let mut attic = Attic::default();
    // SAFETY: it was put into the same parcel; `run` takes it, and is done before the attic.
    let value = unsafe { packed.open(&mut attic) };
    run(value, lease)
}

/// # Safety
///
/// The pointer is that of a leaked box of this type, and nobody uses it any more.
unsafe fn discard<T>(value: NonNull<u8>) {
    // SAFETY: the caller promises it.
    drop(unsafe { Box::from_raw(value.cast::<T>().as_ptr()) });
}

/// The memory that the elements of a view lie in, from the lowest to the highest.
fn span_of<T, D: Dimension>(view: &ArrayView<'_, T, D>) -> Span {
    if view.is_empty() || size_of::<T>() == 0 {
        return Span { start: 0, bytes: 0 };
    }
    let reach = |up: bool| -> isize {
        let steps = view.shape().iter().zip(view.strides());
        steps.map(|(len, stride)| stride * (len - 1) as isize).filter(|reach| (*reach > 0) == up).sum()
    };
    let first = view.as_ptr().addr();
    let start = first.wrapping_add_signed(reach(false) * size_of::<T>() as isize);
    let end = first.wrapping_add_signed((reach(true) + 1) * size_of::<T>() as isize);
    Span { start, bytes: end - start }
}

/// Whether `T` is a type of numbers, which have no pointers.
pub(crate) fn is_number<T: ?Sized>() -> bool {
    macro_rules! any {
        ($($number:ty)*) => { $(is::<T, $number>())||* };
    }
    any!(u8 u16 u32 u64 u128 usize i8 i16 i32 i64 i128 isize f32 f64 bool char)
}

/// Whether two types are one, lifetimes apart.
pub(crate) fn is<T: ?Sized, U: ?Sized>() -> bool {
    id_of::<T>() == id_of::<U>()
}

/// The id of a type, whatever it borrows.
fn id_of<T: ?Sized>() -> TypeId {
    trait Known {
        fn id(&self) -> TypeId
        where
            Self: 'static;
    }

    impl<T: ?Sized> Known for PhantomData<T> {
        fn id(&self) -> TypeId
        where
            Self: 'static,
        {
            TypeId::of::<T>()
        }
    }

    let known = PhantomData::<T>;
    let known: &dyn Known = &known;
    // SAFETY: the two differ in a lifetime, of which nothing is known at run time; `id` looks at no value.
    let known = unsafe { transmute::<&dyn Known, &(dyn Known + 'static)>(known) };
    known.id()
}

#[cfg(test)]
mod test {
    use super::*;

    #[test]
    fn types_are_told_apart_but_for_lifetimes() {
        fn borrowed<'a>(_: &'a u8) -> bool {
            is::<&'a u8, &'static u8>()
        }
        assert!(borrowed(&1));
        assert!(is_number::<f64>() && !is_number::<&f64>() && !is_number::<[f64]>() && !is_number::<String>());
    }
}
