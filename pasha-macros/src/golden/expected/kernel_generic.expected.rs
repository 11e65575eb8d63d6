#[allow(clippy::too_many_arguments, clippy::ptr_arg, clippy::trivially_copy_pass_by_ref)]
fn generic<T: Element + Into<U>, U, const N: usize>(
    _worker_id: usize,
    _index: usize,
    row: &[T; N],
    other: &U,
    first: &mut T,
) -> Result<(), String>
where
    T: PartialOrd,
    U: Clone,
{
    Ok(())
}
/// The kernel `generic` with what it works on: built as a literal, then mapped.
#[allow(missing_debug_implementations, non_camel_case_types, clippy::type_complexity)]
#[must_use = "a bound kernel does nothing until it is mapped"]
struct generic<'__k, T: Element>
where
    T: PartialOrd,
{
    /// Where `first` is written: a slot for each item.
    pub first: &'__k mut ::pasha::__private::SharedArray<T, ::pasha::__private::Ix1>,
}
const _: () = {
    use ::pasha::__private as __p;
    #[allow(dead_code, non_snake_case)]
    impl<'__k, T: Element> generic<'__k, T>
    where
        T: PartialOrd,
    {
        /// Starts an array to bind to `first`, which says its element type and rank.
        fn alloc_first(
            ctx: &__p::Context,
            shape: impl __p::Shape<Dim = __p::Ix1>,
        ) -> __p::Builder<T, __p::Ix1> {
            ctx.alloc().shape(shape)
        }
    }
    impl<'__k, T: Element> __p::Kernel for generic<'__k, T>
    where
        T: PartialOrd,
    {
        type Binds = (__p::Out<'__k, &'__k mut T>, ());
        fn bind(self) -> Self::Binds {
            (__p::Out::new(self.first, "first", 0usize), ())
        }
    }
    impl<
        '__k,
        '__i0,
        '__i1,
        T: Element + Into<U>,
        U,
        const N: usize,
    > __p::Takes<(&'__i0 [T; N], &'__i1 U)> for generic<'__k, T>
    where
        T: PartialOrd,
        U: Clone,
    {
        type Output = Result<(), String>;
        #[inline]
        fn call(
            __worker: usize,
            __index: usize,
            (__item0, __item1): (&'__i0 [T; N], &'__i1 U),
            __p::Slots((first, ())): __p::Slots<'_, Self::Binds>,
        ) -> Self::Output {
            generic::<T, U, N>(__worker, __index, __item0, __item1, first)
        }
    }
};
