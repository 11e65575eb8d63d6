#[allow(clippy::too_many_arguments, clippy::ptr_arg, clippy::trivially_copy_pass_by_ref)]
fn fold(
    _worker_id: usize,
    _index: usize,
    value: &u64,
    histogram: &mut [u64],
    peak: &mut Peak,
    bits: &mut u64,
) {}
/// The kernel `fold` with what it works on: built as a literal, then mapped.
#[allow(missing_debug_implementations, non_camel_case_types, clippy::type_complexity)]
#[must_use = "a bound kernel does nothing until it is mapped"]
struct fold<'__k> {
    /// Where the workers' `histogram` end up as one.
    pub histogram: &'__k mut ::pasha::__private::SharedArray<
        u64,
        ::pasha::__private::Ix1,
    >,
    /// Where the workers' `peak` end up as one.
    pub peak: &'__k mut ::pasha::__private::SharedArray<Peak, ::pasha::__private::Ix0>,
    /// Where the workers' `bits` end up as one.
    pub bits: &'__k mut ::pasha::__private::SharedArray<u64, ::pasha::__private::Ix0>,
}
#[allow(trivial_bounds, unused_qualifications)]
const _: () = {
    use ::pasha::__private as __p;
    #[allow(dead_code, non_snake_case)]
    impl<'__k> fold<'__k>
    where
        for<'__x> <&'__x Peak as ::core::ops::Deref>::Target: __p::Element,
    {
        /// Starts an array to bind to `histogram`, which says its element type and rank.
        fn alloc_histogram(
            ctx: &__p::Context,
            shape: impl __p::Shape<Dim = __p::Ix1>,
        ) -> __p::Builder<u64, __p::Ix1> {
            ctx.alloc().shape(shape)
        }
        /// Starts an array to bind to `peak`, which says its element type and rank.
        fn alloc_peak(
            ctx: &__p::Context,
            shape: impl __p::Shape<Dim = __p::Ix0>,
        ) -> __p::Builder<Peak, __p::Ix0> {
            ctx.alloc().shape(shape)
        }
        /// Starts an array to bind to `bits`, which says its element type and rank.
        fn alloc_bits(
            ctx: &__p::Context,
            shape: impl __p::Shape<Dim = __p::Ix0>,
        ) -> __p::Builder<u64, __p::Ix0> {
            ctx.alloc().shape(shape)
        }
    }
    impl<'__k> __p::Kernel for fold<'__k>
    where
        for<'__x> <&'__x Peak as ::core::ops::Deref>::Target: __p::Element,
    {
        type Binds = (
            __p::Reduce<'__k, &'__k mut [u64], __p::Sum>,
            (
                __p::Reduce<'__k, &'__k mut Peak, __p::With<Peak>>,
                (__p::Reduce<'__k, &'__k mut u64, __p::With<u64>>, ()),
            ),
        );
        fn bind(self) -> Self::Binds {
            (
                __p::Reduce::new(self.histogram, "histogram", __p::Sum),
                (
                    __p::Reduce::new(
                        self.peak,
                        "peak",
                        __p::With::new(Peak::NONE, merge::<Peak>),
                    ),
                    (__p::Reduce::new(self.bits, "bits", __p::With::from_zero(or)), ()),
                ),
            )
        }
    }
    impl<'__k, '__i0> __p::Takes<&'__i0 u64> for fold<'__k>
    where
        for<'__x> <&'__x Peak as ::core::ops::Deref>::Target: __p::Element,
    {
        type Output = __p::Plain<()>;
        #[inline]
        fn call(
            __worker: usize,
            __index: usize,
            __item: &'__i0 u64,
            __p::Slots((histogram, (peak, (bits, ())))): __p::Slots<'_, Self::Binds>,
        ) -> Self::Output {
            __p::Plain(fold(__worker, __index, __item, histogram, peak, bits))
        }
    }
};
