#[allow(clippy::too_many_arguments, clippy::trivially_copy_pass_by_ref)]
pub fn parse(
    _worker_id: usize,
    _index: usize,
    line: &str,
) -> Result<f64, ParseFloatError> {
    line.parse()
}
/// The kernel `parse` with what it works on: built as a literal, then mapped.
#[allow(missing_debug_implementations, non_camel_case_types, clippy::type_complexity)]
#[must_use = "a bound kernel does nothing until it is mapped"]
pub struct parse {}
const _: () = {
    use ::psh::__private as __p;
    impl __p::Kernel for parse {
        type Binds = ();
        fn bind(self) -> Self::Binds {}
    }
    impl<'__i0> __p::Takes<&'__i0 str> for parse {
        type Output = Result<f64, ParseFloatError>;
        #[inline]
        fn call(
            __worker: usize,
            __index: usize,
            __item: &'__i0 str,
            __p::Slots(()): __p::Slots<'_, Self::Binds>,
        ) -> Self::Output {
            parse(__worker, __index, __item)
        }
    }
};
