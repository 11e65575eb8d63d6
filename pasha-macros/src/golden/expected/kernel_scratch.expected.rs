#[allow(clippy::too_many_arguments, clippy::ptr_arg)]
fn sort<T: Copy>(_worker_id: usize, _index: usize, row: &[T], sort_buffer: &mut Vec<T>) {}
/// The kernel `sort` with what it works on: built as a literal, then mapped.
#[allow(missing_debug_implementations, non_camel_case_types, clippy::type_complexity)]
#[must_use = "a bound kernel does nothing until it is mapped"]
struct sort<
    T: Copy,
    __MakeSortBuffer: ::core::ops::Fn() -> Vec<T> + ::core::marker::Sync = fn() -> Vec<T>,
> {
    /// Makes `sort_buffer`, once on each worker.
    pub sort_buffer: __MakeSortBuffer,
}
const _: () = {
    use ::pasha::__private as __p;
    impl<
        T: Copy,
        __MakeSortBuffer: ::core::ops::Fn() -> Vec<T> + ::core::marker::Sync,
    > __p::Kernel for sort<T, __MakeSortBuffer> {
        type Binds = (__p::Scratch<Vec<T>, __MakeSortBuffer>, ());
        fn bind(self) -> Self::Binds {
            (__p::Scratch::new(self.sort_buffer), ())
        }
    }
    impl<
        '__i0,
        T: Copy,
        __MakeSortBuffer: ::core::ops::Fn() -> Vec<T> + ::core::marker::Sync,
    > __p::Takes<&'__i0 [T]> for sort<T, __MakeSortBuffer> {
        type Output = __p::Plain<()>;
        #[inline]
        fn call(
            __worker: usize,
            __index: usize,
            __item: &'__i0 [T],
            __p::Slots((sort_buffer, ())): __p::Slots<'_, Self::Binds>,
        ) -> Self::Output {
            __p::Plain(sort::<T>(__worker, __index, __item, sort_buffer))
        }
    }
};
