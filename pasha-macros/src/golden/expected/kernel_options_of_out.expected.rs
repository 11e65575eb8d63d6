#[allow(
    clippy::too_many_arguments,
    clippy::needless_pass_by_value,
    clippy::trivially_copy_pass_by_ref
)]
fn cut(
    _worker_id: usize,
    _index: usize,
    value: &f64,
    column: &mut [f64],
    run: &mut [f64],
    half: Option<&mut f32>,
) {}
/// The kernel `cut` with what it works on: built as a literal, then mapped.
#[allow(missing_debug_implementations, non_camel_case_types, clippy::type_complexity)]
#[must_use = "a bound kernel does nothing until it is mapped"]
struct cut<'__k> {
    /// Where `column` is written: a slot for each item.
    pub column: &'__k mut ::pasha::__private::SharedArray<f64, ::pasha::__private::Ix2>,
    /// Where `run` is written: a range of entries for each item.
    pub run: ::pasha::__private::Ranges<'__k, f64, ::pasha::__private::Ix1>,
    /// Where `half` is written: a slot for each item.
    pub half: ::core::option::Option<
        &'__k mut ::pasha::__private::SharedArray<f32, ::pasha::__private::Ix1>,
    >,
}
const _: () = {
    use ::pasha::__private as __p;
    #[allow(dead_code, non_snake_case)]
    impl<'__k> cut<'__k> {
        /// Starts an array to bind to `column`, which says its element type and rank.
        fn alloc_column(
            ctx: &__p::Context,
            shape: impl __p::Shape<Dim = __p::Ix2>,
        ) -> __p::Builder<f64, __p::Ix2> {
            ctx.alloc().shape(shape)
        }
        /// Starts an array to bind to `run`, which says its element type and rank.
        fn alloc_run(
            ctx: &__p::Context,
            shape: impl __p::Shape<Dim = __p::Ix1>,
        ) -> __p::Builder<f64, __p::Ix1> {
            ctx.alloc().shape(shape)
        }
        /// Starts an array to bind to `half`, which says its element type and rank.
        fn alloc_half(
            ctx: &__p::Context,
            shape: impl __p::Shape<Dim = __p::Ix1>,
        ) -> __p::Builder<f32, __p::Ix1> {
            ctx.alloc().shape(shape)
        }
    }
    impl<'__k> __p::Kernel for cut<'__k> {
        type Binds = (
            __p::Out<'__k, &'__k mut [f64]>,
            (
                __p::OutRanges<'__k, &'__k mut [f64]>,
                (::core::option::Option<__p::Out<'__k, &'__k mut f32>>, ()),
            ),
        );
        fn bind(self) -> Self::Binds {
            (
                __p::Out::new(self.column, "column", 1usize),
                (
                    __p::OutRanges::new(self.run, "run"),
                    (self.half.map(|__array| __p::Out::new(__array, "half", 0usize)), ()),
                ),
            )
        }
    }
    impl<'__k, '__i0> __p::Takes<&'__i0 f64> for cut<'__k> {
        type Output = __p::Plain<()>;
        #[inline]
        fn call(
            __worker: usize,
            __index: usize,
            __item: &'__i0 f64,
            __p::Slots((column, (run, (half, ())))): __p::Slots<'_, Self::Binds>,
        ) -> Self::Output {
            __p::Plain(cut(__worker, __index, __item, column, run, half))
        }
    }
};
