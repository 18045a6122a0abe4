using System.Text.Json;
using SessionCluster.Bindings;
using SessionCluster.LoginStage;
using SessionCluster.Storage;

namespace SessionCluster.Grains.Tests.LoginStage;

public sealed class StageCatalogTests
{
    private static readonly StageCatalog Empty = StageCatalog.Of(new StageCatalogV1(), stored: true);

    [Fact]
    public void While_nothing_is_stored_there_is_the_default_stage_with_the_defaults_of_the_spec()
    {
        var stage = Assert.Single(StageCatalog.Of(new StageCatalogV1(), stored: false).Stages);
        Assert.Equal(StageCatalog.DefaultPk, stage.Pk);
        Assert.Equal("default", stage.Name);
        Assert.Equal("seconds=0", stage.SessionDuration.Text);
        Assert.Equal("seconds=0", stage.RememberMeOffset.Text);
        Assert.Equal("days=30", stage.RememberDevice.Text);
        Assert.Equal(TimeSpan.FromDays(30), stage.RememberDevice.Value);
        Assert.False(stage.TerminateOtherSessions);
        Assert.Equal((NetworkBinding.None, GeoIpBinding.None), (stage.NetworkBinding, stage.GeoIpBinding));
    }

    [Fact]
    public void The_default_stage_is_deleted_for_good()
    {
        var (deleted, next) = StageCatalog.Of(new StageCatalogV1(), stored: false).Delete(StageCatalog.DefaultPk);
        Assert.True(deleted);
        Assert.Empty(Reload(next!).Stages);
    }

    [Fact]
    public void The_default_stage_stays_when_another_is_created()
    {
        var next = Saved(StageCatalog.Of(new StageCatalogV1(), stored: false), Stage("mine"));
        Assert.Equal(["default", "mine"], Reload(next).Stages.Select(stage => stage.Name));
    }

    [Fact]
    public void The_default_stage_can_be_changed_and_renamed()
    {
        var next = Saved(
            StageCatalog.Of(new StageCatalogV1(), stored: false),
            StageCatalog.DefaultStage with { Name = "office", TerminateOtherSessions = true });
        var stage = Assert.Single(Reload(next).Stages);
        Assert.Equal((StageCatalog.DefaultPk, "office", true), (stage.Pk, stage.Name, stage.TerminateOtherSessions));
    }

    [Fact]
    public void A_stored_stage_comes_back_as_it_was_saved()
    {
        var stage = new StageInfo(
            Guid.NewGuid(), "all of it", Duration.Load("Hours = 1"), Duration.Load("days=1,hours=2"), Duration.Load("seconds=0.5"), true,
            NetworkBinding.AsnNetworkIp, GeoIpBinding.ContinentCountryCity);
        Assert.Equal(stage, Assert.Single(Reload(Saved(Empty, stage)).Stages));
    }

    [Fact]
    public void Stages_are_listed_by_name()
    {
        var catalog = Empty;
        foreach (var name in (string[])["b", "a", "C", "\u00e4"])
        {
            catalog = Saved(catalog, Stage(name));
        }

        Assert.Equal(["C", "a", "b", "\u00e4"], catalog.Stages.Select(stage => stage.Name));
    }

    [Theory]
    [InlineData("name", StageSaveOutcome.NameTaken)]
    [InlineData("Name", StageSaveOutcome.Saved)]
    [InlineData("name ", StageSaveOutcome.Saved)]
    public void Names_are_unique_and_compared_ordinally(string name, StageSaveOutcome outcome)
    {
        var catalog = Saved(Empty, Stage("name"));
        Assert.Equal(outcome, catalog.Save(new StageSave(Stage(name), Before: null)).Outcome);
    }

    [Fact]
    public void A_stage_keeps_its_own_name_and_takes_no_other_stages()
    {
        var (first, second) = (Stage("first"), Stage("second"));
        var catalog = Saved(Saved(Empty, first), second);
        Assert.Equal(StageSaveOutcome.Saved, catalog.Save(new StageSave(first, first)).Outcome);
        var (outcome, next) = catalog.Save(new StageSave(first with { Name = "second" }, first));
        Assert.Equal(StageSaveOutcome.NameTaken, outcome);
        Assert.Null(next);
    }

    [Fact]
    public void A_stage_that_is_not_there_is_neither_replaced_nor_deleted()
    {
        Assert.Equal((StageSaveOutcome.NotFound, null), Empty.Save(new StageSave(Stage("x"), Stage("x"))));
        Assert.Equal((false, null), Empty.Delete(Guid.NewGuid()));
    }

    [Fact]
    public void Creating_a_stage_twice_leaves_one()
    {
        var stage = Stage("x");
        Assert.Equal(stage, Assert.Single(Saved(Saved(Empty, stage), stage).Stages));
    }

    [Theory]
    [InlineData(StageCatalog.MaxStages - 1, StageSaveOutcome.Saved)]
    [InlineData(StageCatalog.MaxStages, StageSaveOutcome.TooMany)]
    public void The_number_of_stages_is_bounded(int count, StageSaveOutcome outcome)
    {
        var rows = Enumerable.Range(0, count).Select(number => Stage($"{number}"));
        var catalog = StageCatalog.Of(new StageCatalogV1 { Stages = [.. rows] }, stored: true);
        Assert.Equal(outcome, catalog.Save(new StageSave(Stage("one more"), Before: null)).Outcome);
        Assert.Equal(StageSaveOutcome.Saved, catalog.Save(new StageSave(catalog.Stages[0], catalog.Stages[0])).Outcome);
    }

    [Fact]
    public void A_stage_is_found_by_its_name_or_primary_key_and_the_key_wins()
    {
        var first = Stage("first");
        var second = Stage($"{first.Pk}");
        var third = Stage($"{Guid.NewGuid()}");
        var catalog = Saved(Saved(Saved(Empty, first), second), third);
        Assert.Equal(first, catalog.Find("first"));
        Assert.Equal(first, catalog.Find($"{first.Pk}"));
        Assert.Equal(first, catalog.Find($"{first.Pk}".ToUpperInvariant()));
        Assert.Equal(second, catalog.Find($"{second.Pk}"));
        Assert.Equal(third, catalog.Find(third.Name));
        Assert.Null(catalog.Find("First"));
        Assert.Null(catalog.Find(""));
        Assert.Equal(first, catalog.Find($"{first.Pk:N}"));
    }

    [Fact]
    public void A_change_of_a_stage_that_has_changed_meanwhile_is_to_be_made_again()
    {
        var stage = Stage("x");
        var catalog = Saved(Saved(Empty, stage), stage with { NetworkBinding = NetworkBinding.Asn });

        Assert.Equal((StageSaveOutcome.Changed, null), catalog.Save(new StageSave(stage with { Name = "y" }, stage)));
    }

    [Fact]
    public void A_change_leaves_the_catalog_before_it_as_it_was()
    {
        var before = Saved(Empty, Stage("x"));
        Saved(before, Stage("y"));
        before.Delete(before.Stages[0].Pk);
        Assert.Equal("x", Assert.Single(before.Stages).Name);
    }

    private static StageInfo Stage(string name) => StageCatalog.DefaultStage with { Pk = Guid.NewGuid(), Name = name };

    private static StageCatalog Saved(StageCatalog catalog, StageInfo stage)
    {
        var (outcome, next) = catalog.Save(new StageSave(stage, Before: null));
        Assert.Equal(StageSaveOutcome.Saved, outcome);
        return next!;
    }

    /// <summary>What a catalog is after a round trip through its stored form.</summary>
    private static StageCatalog Reload(StageCatalog catalog)
    {
        var json = JsonSerializer.Serialize(catalog.ToRow(), StateJson.Default.StageCatalogV1);
        return StageCatalog.Of(JsonSerializer.Deserialize(json, StateJson.Default.StageCatalogV1)!, stored: true);
    }
}
