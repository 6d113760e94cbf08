def test_x(run, aws, role, profile, group):
    import json
    from ansible_collections.launchkit.aws.plugins.modules import report_info
    profile("web"); profile("empty", empty=True); role("alone")
    asg = aws.client("autoscaling")
    asg.create_launch_configuration(LaunchConfigurationName="web", ImageId="ami-baba68d3", InstanceType="m1.small", IamInstanceProfile="web")
    group("web", size=1, LaunchConfigurationName="web")
    aws.reset_calls()
    r = run(report_info, actions=[{"actions": ["s3:GetObject"], "expected": "allowed"}])
    print(r.get("msg"), r.get("exception"))
    print([c["operation"] for c in aws.calls()])
    print(json.dumps({k: v for k, v in r["report"].items() if k != "catalogue"}, indent=1))
    assert 0
