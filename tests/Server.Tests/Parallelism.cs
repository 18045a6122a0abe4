// Most of these tests wait for processes to start or for time to pass: more than one for each processor may do so at once.
[assembly: CollectionBehavior(MaxParallelThreads = 4)]
