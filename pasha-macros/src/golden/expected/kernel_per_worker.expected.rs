#[allow(clippy::too_many_arguments, clippy::trivially_copy_pass_by_ref)]
fn count(_worker_id: usize, _index: usize, value: &u8, seen: &mut u64) {
    *seen += 1;
}
/// The kernel `count` with what it works on: built as a literal, then mapped.
#[allow(missing_debug_implementations, non_camel_case_types, clippy::type_complexity)]
#[must_use = "a bound kernel does nothing until it is mapped"]
struct count<'__k> {
    /// The accumulators `seen`: one for each worker.
    pub seen: &'__k mut ::pasha::__private::SharedArray<u64, ::pasha::__private::Ix1>,
}
const _: () = {
    use ::pasha::__private as __p;
    #[allow(dead_code, non_snake_case)]
    impl<'__k> count<'__k> {
        /// Starts an array to bind to `seen`, which says its element type and rank.
        fn alloc_seen(
            ctx: &__p::Context,
            shape: impl __p::Shape<Dim = __p::Ix0>,
        ) -> __p::Builder<u64, __p::Ix0, __p::PerWorkerAxis> {
            ctx.alloc().shape(shape).per_worker()
        }
    }
    impl<'__k> __p::Kernel for count<'__k> {
        type Binds = (__p::PerWorker<'__k, &'__k mut u64>, ());
        fn bind(self) -> Self::Binds {
            (__p::PerWorker::new(self.seen, "seen"), ())
        }
    }
    impl<'__k, '__i0> __p::Takes<&'__i0 u8> for count<'__k> {
        type Output = __p::Plain<()>;
        #[inline]
        fn call(
            __worker: usize,
            __index: usize,
            __item: &'__i0 u8,
            __p::Slots((seen, ())): __p::Slots<'_, Self::Binds>,
        ) -> Self::Output {
            __p::Plain(count(__worker, __index, __item, seen))
        }
    }
};
