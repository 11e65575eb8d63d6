#[allow(clippy::too_many_arguments, clippy::trivially_copy_pass_by_ref)]
/// Reads one frame.
#[cfg(feature = "frames")]
#[deprecated]
#[inline]
#[expect(non_snake_case)]
pub(crate) fn read(
    _worker_id: usize,
    _index: usize,
    #[allow(unused)]
    Frame: &f64,
    r#type: &mut f64,
) {}
/// Reads one frame.
///
/// The kernel `read` with what it works on: built as a literal, then mapped.
#[cfg(feature = "frames")]
#[deprecated]
#[allow(non_snake_case)]
#[allow(missing_debug_implementations, non_camel_case_types, clippy::type_complexity)]
#[must_use = "a bound kernel does nothing until it is mapped"]
pub(crate) struct read<'__k> {
    /// Where `type` is written: a slot for each item.
    pub r#type: &'__k mut ::pasha::__private::SharedArray<f64, ::pasha::__private::Ix1>,
}
#[cfg(feature = "frames")]
#[allow(deprecated)]
const _: () = {
    use ::pasha::__private as __p;
    #[allow(dead_code, non_snake_case)]
    impl<'__k> read<'__k> {
        /// Starts an array to bind to `type`, which says its element type and rank.
        pub(crate) fn alloc_type(
            ctx: &__p::Context,
            shape: impl __p::Shape<Dim = __p::Ix1>,
        ) -> __p::Builder<f64, __p::Ix1> {
            ctx.alloc().shape(shape)
        }
    }
    impl<'__k> __p::Kernel for read<'__k> {
        type Binds = (__p::Out<'__k, &'__k mut f64>, ());
        fn bind(self) -> Self::Binds {
            (__p::Out::new(self.r#type, "type", 0usize), ())
        }
    }
    impl<'__k, '__i0> __p::Takes<&'__i0 f64> for read<'__k> {
        type Output = __p::Plain<()>;
        #[inline]
        fn call(
            __worker: usize,
            __index: usize,
            __item: &'__i0 f64,
            __p::Slots((r#type, ())): __p::Slots<'_, Self::Binds>,
        ) -> Self::Output {
            __p::Plain(read(__worker, __index, __item, r#type))
        }
    }
};
