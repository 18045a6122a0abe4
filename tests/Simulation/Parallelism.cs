// Each search for a failing history uses all cores; two at once would only wait for one another.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
