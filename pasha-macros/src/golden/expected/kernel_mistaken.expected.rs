#[allow(clippy::too_many_arguments, clippy::ptr_arg)]
async fn mistaken<T: Copy, U>(
    worker_id: u32,
    value: &T,
    sum: f64,
    row: &mut [T],
    buffer: &mut Vec<T>,
) -> &T {}
/// The kernel `mistaken` with what it works on: built as a literal, then mapped.
#[allow(missing_debug_implementations, non_camel_case_types, clippy::type_complexity)]
#[must_use = "a bound kernel does nothing until it is mapped"]
struct mistaken<
    '__k,
    T: Copy,
    __AnySum,
    __MakeBuffer: ::core::ops::Fn() -> Vec<T> + ::core::marker::Sync = fn() -> Vec<T>,
> {
    /// Where `sum` is written: a slot for each item.
    pub sum: __AnySum,
    /// Where `row` is written: a slot for each item.
    pub row: &'__k mut ::pasha::__private::SharedArray<T, ::pasha::__private::Ix2>,
    /// Makes `buffer`, once on each worker.
    pub buffer: __MakeBuffer,
}
#[allow(trivial_bounds, unused_qualifications)]
const _: () = {
    use ::pasha::__private as __p;
    #[allow(dead_code, non_snake_case)]
    impl<'__k, T: Copy, __AnySum> mistaken<'__k, T, __AnySum, fn() -> Vec<T>>
    where
        T: __p::Element,
    {
        /// Starts an array to bind to `row`, which says its element type and rank.
        fn alloc_row(
            ctx: &__p::Context,
            shape: impl __p::Shape<Dim = __p::Ix2>,
        ) -> __p::Builder<T, __p::Ix2> {
            ctx.alloc().shape(shape)
        }
    }
    impl<
        '__k,
        T: Copy,
        __AnySum,
        __MakeBuffer: ::core::ops::Fn() -> Vec<T> + ::core::marker::Sync,
    > __p::Kernel for mistaken<'__k, T, __AnySum, __MakeBuffer> {
        type Binds = ();
        fn bind(self) -> Self::Binds {}
    }
    impl<
        '__k,
        T: Copy,
        __AnySum,
        __MakeBuffer: ::core::ops::Fn() -> Vec<T> + ::core::marker::Sync,
        __Item,
    > __p::Takes<__Item> for mistaken<'__k, T, __AnySum, __MakeBuffer> {
        type Output = __p::Plain<()>;
        fn call(
            _: usize,
            _: usize,
            _: __Item,
            _: __p::Slots<'_, Self::Binds>,
        ) -> Self::Output {
            loop {}
        }
    }
};
::core::compile_error! {
    "unknown option `krate`: `#[kernel]` has `crate = path`"
}
::core::compile_error! {
    "a kernel is called directly, nothing would await it: remove `async`"
}
::core::compile_error! {
    "the first parameter of a kernel is the worker id: write `worker_id: usize`"
}
::core::compile_error! {
    "the second parameter of a kernel is the index: write `index: usize`, and the item after it"
}
::core::compile_error! {
    "an output is lent to the kernel: write `&mut f64`, or `&mut [T]` or `ArrayViewMut<'_, T, D>` for more than one element"
}
::core::compile_error! {
    "the array of such outputs has 2 axes: write one from 0 to 1"
}
::core::compile_error! {
    "neither the item nor a parameter with an attribute uses this: remove it, nothing would say what it is"
}
::core::compile_error! {
    "a kernel returns a value, nothing borrowed: write the value's own type, or `&'static`"
}
