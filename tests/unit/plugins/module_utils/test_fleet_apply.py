# Copyright: Contributors to launchkit.aws
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Plans of many applications carried out: step by step, and what fails does not stop the others."""

from __future__ import annotations

from ansible_collections.launchkit.aws.plugins.module_utils.core.errors import CallFailed
from ansible_collections.launchkit.aws.plugins.module_utils.fleet import parse, report
from ansible_collections.launchkit.aws.plugins.module_utils.fleet.apply import Fleet
from ansible_collections.launchkit.aws.plugins.module_utils.fleet.module import FleetPlan
from ansible_collections.launchkit.aws.plugins.module_utils.fleet.plans import plans_of
from ansible_collections.launchkit.aws.tests.unit.plugins.module_utils.fleet_account import IMAGE, Account


def applications(*entries, **variables):
    """Applications of these names, or of these dictionaries, that have the same further variables."""
    entries = [each if isinstance(each, dict) else {"name": each} for each in entries]
    return parse.parse(
        [{f"application_{name}": value for name, value in {**variables, **each}.items()} for each in entries]
    )


class Reader:
    """Reads the account, and records what was read again."""

    def __init__(self, account):
        self.account, self.refreshed = account, []

    def read_all(self):
        return self.account.index().observation

    def read_references(self, observation, dummy_plans):
        return observation

    def refresh(self, dummy_observation, kinds, some, dummy_attempt=0):
        self.refreshed.append((kinds, len(some)))
        self.account.settle()
        return self.account.index().observation


class Executor:
    """Makes the calls of a plan in the account, but for those that are refused."""

    def __init__(self, account, refused=()):
        self.account, self.refused, self.operations, self.undone = account, set(refused), [], []

    def await_preconditions(self, dummy_calls):
        return False

    def run(self, calls, done):
        for call in calls:
            if call.operation in self.refused or (call.operation, call.subject) in self.refused:
                raise CallFailed(f"Failed to {call.operation.replace('_', ' ')} {call.subject}: denied.")
            self.account.make([call])
            self.operations.append(call.operation)
            done.append(call)

    def roll_back(self, calls, unknown=None):
        undone = [call.undo for call in reversed(calls) if call.undo]
        self.account.make(undone)
        self.undone += undone
        return "", undone


class Growing(Account):
    """An account whose groups launch and terminate one instance at each look."""

    def settle(self):
        for name, group in self.groups.items():
            count = len(group["Instances"])
            if count < group["DesiredCapacity"]:
                self.add_instance(name, f"i-{count}")
            elif count > group["DesiredCapacity"]:
                group["Instances"].pop()


class Run:
    """A fleet over an account."""

    def __init__(self, wanted, account=None, refused=(), wait_timeout=120):
        self.account = account or Growing()
        self.reader, self.executor, self.lines = Reader(self.account), Executor(self.account, refused), []
        self.fleet = Fleet(
            self.reader,
            self.executor,
            clients=None,
            concurrency=1,
            refresh_options={"concurrency": 1},
            wait_timeout=wait_timeout,
            report=self.lines.append,
        )
        observation = self.reader.read_all()
        self.plans = plans_of(wanted, observation)
        planned = FleetPlan(wanted, observation, self.plans, [], None, self.reader)
        self.fleet.apply(wanted, observation, self.plans)
        self.errors = {name: error.message for name, error in self.fleet.errors.items()}
        self.result = report.applied_result(report.plan_result(planned, details=False), self.fleet)
        self.rows = {row["name"]: row for row in self.result["applications"]}


def group(name):
    return {
        "name": name,
        **IMAGE,
        "group_name": name,
        "group_min_size": 2,
        "group_max_size": 2,
        "launch_configuration_name": f"{name}-fixed",
    }


def test_apply_creates_all_and_then_nothing(clock):
    wanted = applications("one", "two")
    run = Run(wanted)
    assert run.errors == {}
    assert (sorted(run.account.roles), sorted(run.account.profiles)) == (["one", "two"], ["one", "two"])
    # Step by step, so that what one needs of the other is settled for all at once.
    assert run.executor.operations == [
        *["create_role"] * 2,
        *["create_instance_profile", "add_role_to_instance_profile"] * 2,
    ]
    assert run.result["changed"] is True
    assert run.rows["one"]["calls"][0] == "create_role IAM role 'one'"
    again = Run(wanted, run.account)
    assert (again.executor.operations, again.reader.refreshed, again.lines) == ([], [], [])
    assert again.result["changed"] is False


def test_apply_reads_only_what_a_step_changes(clock):
    run = Run(applications("one", "two"))
    assert {kinds for kinds, dummy in run.reader.refreshed} == {("roles",), ("profiles",)}
    run = Run(applications("one", {"name": "two", "role_description": "New"}), run.account)
    assert {count for dummy, count in run.reader.refreshed} == {1}


def test_apply_failure_does_not_stop_the_others(clock):
    run = Run(applications("one", "two"), refused=[("create_role", "IAM role 'one'")])
    assert run.errors == {"one": "Failed to create role IAM role 'one': denied."}
    assert sorted(run.account.profiles) == ["two"]
    assert (run.rows["one"]["failed"], run.rows["one"]["changed"]) == (True, False)
    # What depends on it is not begun.
    assert run.rows["one"]["not_begun"][0] == "inline_policies"
    assert run.rows["two"]["failed"] is False
    assert "IAM role: one: failed: Failed to create role IAM role 'one': denied." in run.lines


def test_apply_failed_step_is_rolled_back(clock):
    run = Run(applications("one"), refused=["add_role_to_instance_profile"])
    assert "denied" in run.errors["one"]
    assert [call.operation for call in run.executor.undone] == ["delete_instance_profile"]
    assert run.account.profiles == {}
    assert list(run.account.roles) == ["one"]
    assert run.rows["one"]["changed"] is True


def test_apply_blocked_application_is_not_begun(clock):
    run = Run(applications({"name": "one", "managed_policies": ["missing"]}, "two"))
    assert "missing" in run.errors["one"]
    assert list(run.account.roles) == ["two"]
    assert run.rows["one"]["changed"] is False


def test_apply_waits_until_instances_are_in_service(clock):
    run = Run(applications(group("one")))
    assert run.errors == {}
    assert len(run.account.groups["one"]["Instances"]) == 2
    assert clock.slept > 0


class Stuck(Growing):
    """An account whose groups never launch or terminate anything."""

    def settle(self):
        pass


def test_apply_group_that_gets_no_instances_fails_in_time(clock):
    run = Run(applications(group("one"), group_wait_timeout=30), Stuck(), wait_timeout=10)
    assert "0 of 2 instances in service" in run.errors["one"]
    assert "application_group_wait_timeout" in run.errors["one"]
    assert 30 <= clock.slept < 35


def test_apply_group_without_wait_is_not_waited_for(clock):
    run = Run(applications(group("one"), group_wait_for_instances=False), Stuck())
    assert run.errors == {}


def test_apply_removal_scales_in_and_deletes_in_order(clock):
    account = Run(applications(group("one"))).account
    absent = {"name": "one", "state": "absent", "group_name": "one", "launch_configuration_name": "one-fixed"}
    run = Run(applications(absent), account)
    assert run.errors == {}
    assert run.executor.operations == [
        "update_auto_scaling_group",
        "delete_auto_scaling_group",
        "delete_launch_configuration",
        "remove_role_from_instance_profile",
        "delete_instance_profile",
        "delete_role",
    ]
    assert not any((account.roles, account.profiles, account.launch_configurations, account.groups))


def test_apply_refused_removal_does_not_stop_the_others(clock):
    account = Run(applications("one", "two")).account
    run = Run(applications("one", "two", state="absent"), account, refused=[("delete_role", "IAM role 'one'")])
    assert list(run.errors) == ["one"]
    assert list(account.roles) == ["one"]
    assert account.profiles == {}


FAILURES = {f"app-{number}": f"Failed to create IAM role 'app-{number}': denied." for number in range(300)}


def test_report_failure_groups_by_cause():
    errors = {**FAILURES, "other": "application_image_id: image 'ami-1' does not exist."}
    message = report.failure(errors, 9, 310)
    assert message.startswith("301 of 310 applications failed; 9 were applied. [app-0, app-1, ")
    assert " and 280 more] Failed to create IAM role 'app-0': denied." in message
    assert message.endswith(" [other] application_image_id: image 'ami-1' does not exist.")
    assert len(message) < 1000


def test_report_failure_stays_under_four_kilobytes():
    message = report.failure({name: f"{number} {'x' * 500}" for number, name in enumerate(FAILURES)}, 0, 300)
    assert len(message) < 4000
    assert message.endswith("The result lists all errors.")


def test_report_failure_of_one_application_is_its_message():
    assert report.failure({"web": "Why."}, 0, 1) == "Why."


def test_report_failed_result_has_changed_rows_once(clock):
    run = Run(applications("one", "two"), Run(applications("one")).account, refused=["create_role"])
    failed = report.failed_result(run.result)
    assert [row["name"] for row in failed["applications"]] == ["two"]
    assert "plan" not in failed
    assert failed["applications"][0]["error"].startswith("Failed to create role")
