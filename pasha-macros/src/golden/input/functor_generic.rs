#[derive(Functor)]
struct Generic<'a, F: Functor, T, U, const N: usize>
where
    T: Sync + 'a,
{
    inner: F,
    values: [T; N],
    borrowed: &'a [T],
    #[functor(skip)]
    mark: PhantomData<U>,
}
