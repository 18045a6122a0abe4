// The tests on real silos count seconds, so nothing else runs meanwhile.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
